// A telephone for the walks: it registers, calls, answers and hangs up, over
// UDP, and sends a steady tone while it talks.
import { createHash, randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'

const token = () => randomBytes(6).toString('hex')
const sha = (algorithm, text) => createHash(algorithm.toUpperCase() === 'SHA-256' ? 'sha256' : 'md5').update(text).digest('hex')

function bound() {
  return new Promise((done, fail) => {
    const s = createSocket('udp4').on('error', fail)
    s.bind(0, '127.0.0.1', () => done(s))
  })
}

/** parse reads a message far enough for a peer that writes one header a line. */
function parse(raw) {
  const [head, ...body] = raw.toString().split('\r\n\r\n')
  const [start, ...lines] = head.split('\r\n')
  const all = (name) => lines.filter((l) => l.toLowerCase().startsWith(`${name.toLowerCase()}:`)).map((l) => l.slice(name.length + 1).trim())
  return { start, all, one: (name) => all(name)[0] ?? '', body: body.join('\r\n\r\n'), status: start.startsWith('SIP/2.0') ? Number(start.split(' ')[1]) : 0, method: start.split(' ')[0] }
}

// A tone of 400 Hz in G.711 µ-law: one period of 20 samples, over and over.
function muLaw(sample) {
  const sign = sample < 0 ? 0x80 : 0
  const s = Math.min(32635, Math.abs(sample)) + 132
  let exponent = 7
  for (let mask = 0x4000; (s & mask) === 0 && exponent > 0; mask >>= 1) exponent--
  return ~(sign | (exponent << 4) | ((s >> (exponent + 3)) & 0x0f)) & 0xff
}
const tone = Buffer.from(Array.from({ length: 160 }, (_, i) => muLaw(Math.round(9000 * Math.sin((2 * Math.PI * i) / 20)))))

export class Phone {
  /** user: that of its address, where it signs in as somebody else. answers: what it does with a call that comes: 200 takes it, another status refuses it. */
  constructor({ port, username, user = username, password, answers = 200 }) {
    Object.assign(this, { port, username, user, password, answers, waiting: new Map(), calls: new Map() })
  }

  async open() {
    this.socket = await bound()
    this.media = await bound()
    this.socket.on('message', (raw) => this.heard(parse(raw)))
    this.media.on('message', () => {})
    this.here = `127.0.0.1:${this.socket.address().port}`
    const { res } = await this.request('REGISTER', `sip:127.0.0.1:${this.port}`, { callID: token(), from: token(), to: this.user, headers: ['Expires: 300'] })
    if (res.status !== 200) throw new Error(`REGISTER of ${this.user}: ${res.start}`)
    return this
  }

  close() {
    for (const c of this.calls.values()) clearInterval(c.talking)
    this.socket.close()
    this.media.close()
  }

  send(text) {
    this.socket.send(text, this.port, '127.0.0.1')
  }

  sdp() {
    return ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', `m=audio ${this.media.address().port} RTP/AVP 0`, 'a=rtpmap:0 PCMU/8000', 'a=sendrecv', ''].join('\r\n')
  }

  write(start, headers, body = '') {
    this.send([start, ...headers, ...(body ? ['Content-Type: application/sdp'] : []), `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n'))
  }

  /** request sends a request, with credentials when they are asked for, and waits for the last answer. */
  async request(method, uri, { callID, from, to, toTag = '', headers = [], body = '', cseq = 1 }) {
    let credentials = []
    for (let attempt = 0; ; attempt++) {
      const branch = `z9hG4bK${token()}`
      const number = cseq + attempt
      const line = (extra, m = method) => [
        `Via: SIP/2.0/UDP ${this.here};branch=${branch};rport`, `From: <sip:${this.user}@127.0.0.1>;tag=${from}`, `To: <sip:${to}@127.0.0.1>${extra}`,
        `Call-ID: ${callID}`, `CSeq: ${number} ${m}`, 'Max-Forwards: 70', `Contact: <sip:${this.user}@${this.here}>`, 'User-Agent: Walker/1.0',
      ]
      const final = new Promise((done) => this.waiting.set(branch, done))
      this.write(`${method} ${uri} SIP/2.0`, [...line(toTag && `;tag=${toTag}`), ...headers, ...credentials], body)
      const res = await final
      const tag = /tag=([^;>]+)/.exec(res.one('To'))?.[1] ?? ''
      if (method === 'INVITE' && res.status >= 300) this.write(`ACK ${uri} SIP/2.0`, line(`;tag=${tag}`, 'ACK'))
      if ((res.status === 401 || res.status === 407) && attempt === 0) {
        const proxy = res.status === 407
        credentials = [`${proxy ? 'Proxy-Authorization' : 'Authorization'}: ${this.digest(res.one(proxy ? 'Proxy-Authenticate' : 'WWW-Authenticate'), method, uri)}`]
        continue
      }
      return { res, tag, cseq: number }
    }
  }

  digest(challenge, method, uri) {
    const of = (name) => new RegExp(`${name}="?([^",]+)"?`, 'i').exec(challenge)?.[1] ?? ''
    const algorithm = of('algorithm') || 'MD5'
    const cnonce = token()
    const h = (text) => sha(algorithm, text)
    const response = h([h(`${this.username}:${of('realm')}:${this.password}`), of('nonce'), '00000001', cnonce, 'auth', h(`${method}:${uri}`)].join(':'))
    return `Digest username="${this.username}", realm="${of('realm')}", nonce="${of('nonce')}", uri="${uri}", algorithm=${algorithm}, qop=auth, nc=00000001, cnonce="${cnonce}", response="${response}"${of('opaque') && `, opaque="${of('opaque')}"`}`
  }

  /** dial calls a number; the call that it answers has the status and, when it is taken, hangUp. */
  async dial(number) {
    const call = { callID: token(), from: token() }
    const uri = `sip:${number.replace('#', '%23')}@127.0.0.1:${this.port}`
    const { res, tag, cseq } = await this.request('INVITE', uri, { ...call, to: number, body: this.sdp() })
    if (res.status !== 200) return { status: res.status }
    const target = /<([^>]+)>/.exec(res.one('Contact'))?.[1] ?? uri
    const ends = (m, n) => [`Via: SIP/2.0/UDP ${this.here};branch=z9hG4bK${token()};rport`, `From: <sip:${this.user}@127.0.0.1>;tag=${call.from}`, `To: <sip:${number}@127.0.0.1>;tag=${tag}`, `Call-ID: ${call.callID}`, `CSeq: ${n} ${m}`, 'Max-Forwards: 70']
    this.write(`ACK ${target} SIP/2.0`, ends('ACK', cseq))
    const up = { talking: this.talk(res.body), status: 200 }
    this.calls.set(call.callID, up)
    up.hangUp = async () => {
      clearInterval(up.talking)
      await this.request('BYE', target, { ...call, to: number, toTag: tag, cseq: cseq + 1 })
    }
    return up
  }

  talk(sdp) {
    const port = Number(/m=audio (\d+)/.exec(sdp)?.[1])
    const host = /c=IN IP4 (\S+)/.exec(sdp)?.[1] ?? '127.0.0.1'
    const header = Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, this.media.address().port & 0xff])
    let n = 0
    const began = Date.now()
    return setInterval(() => {
      // As many as are due: a busy machine fires its timers late.
      for (; n * 20 <= Date.now() - began; n++) {
        header.writeUInt16BE(n & 0xffff, 2)
        header.writeUInt32BE((n * 160) >>> 0, 4)
        this.media.send(Buffer.concat([header, tone]), port, host)
      }
    }, 20)
  }

  heard(m) {
    const branch = /branch=([^;,\s]+)/.exec(m.one('Via'))?.[1] ?? ''
    if (m.status) {
      if (m.status < 200) return
      this.waiting.get(branch)?.(m)
      return void this.waiting.delete(branch)
    }
    const tagged = (tag) => (m.one('To').includes('tag=') ? m.one('To') : `${m.one('To')};tag=${tag}`)
    const reply = (status, tag = 't', body = '', more = []) =>
      this.write(`SIP/2.0 ${status}`, [...m.all('Via').map((v) => `Via: ${v}`), ...m.all('Record-Route').map((v) => `Record-Route: ${v}`), `From: ${m.one('From')}`, `To: ${tagged(tag)}`, `Call-ID: ${m.one('Call-ID')}`, `CSeq: ${m.one('CSeq')}`, `Contact: <sip:${this.user}@${this.here}>`, ...more], body)
    const known = this.calls.get(m.one('Call-ID'))
    switch (m.method) {
      case 'ACK':
        return
      case 'INVITE': {
        if (known) return reply('200 OK', known.tag, this.sdp())
        const call = { tag: token(), talking: undefined }
        this.calls.set(m.one('Call-ID'), call)
        if (this.answers !== 200) return reply(this.answers === 180 ? '180 Ringing' : `${this.answers} No`, call.tag)
        reply('180 Ringing', call.tag)
        reply('200 OK', call.tag, this.sdp())
        call.talking = this.talk(m.body)
        return
      }
      case 'CANCEL': {
        reply('200 OK', known?.tag)
        return this.write('SIP/2.0 487 Request Terminated', [...m.all('Via').map((v) => `Via: ${v}`), `From: ${m.one('From')}`, `To: ${tagged(known?.tag)}`, `Call-ID: ${m.one('Call-ID')}`, `CSeq: ${m.one('CSeq').replace('CANCEL', 'INVITE')}`])
      }
      case 'BYE':
        clearInterval(known?.talking)
        return reply('200 OK', known?.tag)
      default:
        return reply('200 OK', known?.tag)
    }
  }
}
