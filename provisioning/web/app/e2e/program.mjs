// A program that was written against the OpenAPI document makes a user, a line and
// a number, and places a call that a phone answers.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { runnerImport } from 'vite'

const md5 = (text) => createHash('md5').update(text).digest('hex')
const header = (message, name) => message.match(new RegExp(`^${name}: *(.*)$`, 'im'))?.[1].trim()

/** answeringPhone registers a line over UDP and answers whatever calls it. */
function answeringPhone(port, username, password) {
  const socket = createSocket('udp4')
  const send = (message) => socket.send(message, port, '127.0.0.1')
  const tag = randomBytes(4).toString('hex')
  const registered = new Promise((done, fail) => {
    socket.on('message', (raw) => {
      const message = raw.toString()
      const [first] = message.split('\r\n', 1)
      if (first.startsWith('SIP/2.0 401')) {
        const challenge = header(message, 'WWW-Authenticate')
        const [realm, nonce] = ['realm', 'nonce'].map((name) => challenge.match(new RegExp(`${name}="([^"]*)"`))[1])
        const proof = ['auth', md5(`REGISTER:sip:127.0.0.1`)]
        const response = md5(`${md5(`${username}:${realm}:${password}`)}:${nonce}:00000001:abcd:${proof.join(':')}`)
        send(register(2, `Authorization: Digest username="${username}", realm="${realm}", nonce="${nonce}", uri="sip:127.0.0.1", algorithm=MD5, qop=auth, nc=00000001, cnonce="abcd", response="${response}"\r\n`))
      } else if (first.startsWith('SIP/2.0 200') && header(message, 'CSeq').endsWith('REGISTER')) {
        done()
      } else if (first.startsWith('SIP/2.0')) {
        if (Number(first.split(' ')[1]) >= 300) fail(new Error(message))
      } else if (!first.startsWith('ACK')) {
        const same = message.split('\r\n').filter((line) => /^(via|from|call-id|cseq|record-route):/i.test(line))
        const { address, port: own } = socket.address()
        const sdp = `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio ${own + 1} RTP/AVP 0\r\n`
        const body = first.startsWith('INVITE') ? sdp : ''
        send(`SIP/2.0 200 OK\r\n${same.join('\r\n')}\r\nTo: ${header(message, 'To').replace(/;tag=.*/, '')};tag=${tag}\r\nContact: <sip:${username}@${address}:${own}>\r\n${body && 'Content-Type: application/sdp\r\n'}Content-Length: ${body.length}\r\n\r\n${body}`)
      }
    })
  })
  const id = randomBytes(8).toString('hex')
  const register = (seq, extra = '') => {
    const at = `127.0.0.1:${socket.address().port}`
    return `REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP ${at};branch=z9hG4bK${id}${seq};rport\r\nMax-Forwards: 70\r\nFrom: <sip:${username}@127.0.0.1>;tag=${tag}\r\nTo: <sip:${username}@127.0.0.1>\r\nCall-ID: ${id}\r\nCSeq: ${seq} REGISTER\r\nContact: <sip:${username}@${at}>\r\nExpires: 300\r\n${extra}Content-Length: 0\r\n\r\n`
  }
  socket.bind(0, '127.0.0.1', () => send(register(1)))
  return { registered, close: () => socket.close() }
}

export async function placesACall({ exchange }) {
  const { module } = await runnerImport(join(import.meta.dirname, 'client.ts'))
  let phone
  try {
    const { callId, lineId } = await module.journey(exchange.url, exchange.token, async (username, password) => {
      phone = answeringPhone(exchange.sip, username, password)
      await phone.registered
    })
    let call
    for (let i = 0; i < 100; i++) {
      call = await exchange.api('GET', `/calls/${callId}`)
      if (call.answered_at) break
      await pause(50)
    }
    assert.ok(call.answered_at, `the call is not answered: ${JSON.stringify(call)}`)
    assert.ok(call.legs.some((leg) => leg.contact_method_id === lineId), JSON.stringify(call.legs))
    await exchange.api('DELETE', `/calls/${callId}`)
  } finally {
    phone?.close()
  }
}
