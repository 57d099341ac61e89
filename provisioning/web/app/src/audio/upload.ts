import { useRef, useState } from 'react'
import { session } from '../api/client'
import { inWords, Refusal, type Problem } from '../api/problem'
import { useReread } from '../edit/change'

/** The largest file that the exchange takes. */
export const mostBytes = 20 << 20

/** send uploads a sound and says how far it is, from 0 to 1. */
function send(file: Blob, fileName: string, name: string, key: string, progress: (done: number) => void, begun: (request: XMLHttpRequest) => void): Promise<void> {
  return new Promise((done, fail) => {
    const form = new FormData()
    form.append('name', name)
    form.append('file', file, fileName)
    const x = new XMLHttpRequest() // fetch says nothing of how much went out
    x.open('POST', '/api/v1/audio-files')
    if (session.csrf) x.setRequestHeader('X-CSRF-Token', session.csrf)
    x.setRequestHeader('Idempotency-Key', key)
    x.upload.onprogress = (e) => e.lengthComputable && progress(e.loaded / e.total)
    x.onerror = x.ontimeout = () => fail(new Refusal(0, { status: 0 }))
    x.onabort = () => fail(new DOMException('', 'AbortError'))
    x.onload = () => {
      if (x.status === 401) session.ended()
      if (x.status < 300) return done()
      let problem: Problem = { status: x.status, title: x.statusText }
      try {
        problem = { ...problem, ...JSON.parse(x.responseText) }
      } catch {
        // no words of the exchange's own
      }
      void inWords(problem).then((said) => fail(new Refusal(x.status, said)))
    }
    begun(x)
    x.send(form)
  })
}

/** useUpload sends one sound at a time. What was chosen stays until it has arrived. */
export function useUpload(done: () => void) {
  const reread = useReread()
  const [progress, setProgress] = useState<number | null>(null)
  const [error, setError] = useState<unknown>(null)
  const request = useRef<XMLHttpRequest>(null)
  // The same sound again after the connection broke is the same upload.
  const last = useRef<{ file: Blob; name: string; key: string }>(null)
  const upload = async (file: Blob, fileName: string, name: string) => {
    if (request.current) return
    if (last.current?.file !== file || last.current.name !== name) last.current = { file, name, key: crypto.randomUUID() }
    setError(null)
    setProgress(0)
    try {
      await send(file, fileName, name, last.current.key, setProgress, (x) => (request.current = x))
      last.current = null
      reread()
      done()
    } catch (e) {
      if (e instanceof Refusal && e.status !== 0) last.current = null
      if (!(e instanceof DOMException)) setError(e)
    } finally {
      request.current = null
      setProgress(null)
    }
  }
  return { upload, progress, error, clear: () => setError(null), cancel: () => request.current?.abort() }
}

export const withoutExtension = (name: string) => name.replace(/\.[a-z0-9]{1,5}$/i, '')
