// Without characters that look alike when one reads them out.
const letters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'

/** newPassword makes up a password of 16 characters: some 93 bits. */
export function newPassword(random = (n: number) => crypto.getRandomValues(new Uint8Array(n))): string {
  let out = ''
  while (out.length < 16) {
    for (const byte of random(32)) {
      // A remainder would make the first letters likelier than the others.
      if (byte < 256 - (256 % letters.length) && out.length < 16) out += letters[byte % letters.length]
    }
  }
  return out
}
