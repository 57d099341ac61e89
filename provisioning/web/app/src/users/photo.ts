import { answer, client, type User } from '../api/client'

/** Whose photo it is: one's own is changed in one's own panel. */
export type Whose = { user: Pick<User, 'id' | 'photo'>; own?: boolean }

/** photoURL is where a user's photo is; its address changes with it. */
export const photoURL = ({ user, own }: Whose) =>
  user.photo ? `/api/v1/${own ? 'me' : `users/${encodeURIComponent(user.id)}`}/photo?v=${encodeURIComponent(user.photo)}` : undefined

const wholeBytes = 2 << 20
const side = 1024

/** reduced is a large picture as a smaller one, if the browser can read it: telephones take larger ones than anybody needs here. */
export async function reduced(file: Blob): Promise<Blob> {
  if (file.size <= wholeBytes) return file
  try {
    const picture = await createImageBitmap(file, { imageOrientation: 'from-image' })
    const scale = Math.min(1, side / Math.min(picture.width, picture.height))
    const canvas = document.createElement('canvas')
    canvas.width = Math.round(picture.width * scale)
    canvas.height = Math.round(picture.height * scale)
    canvas.getContext('2d')!.drawImage(picture, 0, 0, canvas.width, canvas.height)
    picture.close()
    return (await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', 0.9))) ?? file
  } catch {
    return file // the exchange says what it thinks of it
  }
}

/** putPhoto sends a picture, and answers the user who has it now. */
export async function putPhoto({ user, own }: Whose, file: Blob): Promise<User> {
  const body = await reduced(file)
  const as = { body: body as unknown as string, bodySerializer: (b: unknown) => b as BodyInit, headers: { 'Content-Type': body.type || 'application/octet-stream' } }
  return (await answer(own ? client.PUT('/api/v1/me/photo', as) : client.PUT('/api/v1/users/{id}/photo', { ...as, params: { path: { id: user.id } } }))) as User
}

export async function deletePhoto({ user, own }: Whose) {
  await answer(own ? client.DELETE('/api/v1/me/photo') : client.DELETE('/api/v1/users/{id}/photo', { params: { path: { id: user.id } } }))
}
