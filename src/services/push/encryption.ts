/** What a browser's keys must be, and what is encrypted for them (RFC 8291). */
import httpEce from "http_ece"
import { createECDH } from "node:crypto"

export interface BrowserKeys {
  readonly p256dh: string
  readonly auth: string
}

/** `undefined` where they are none: a point of the curve, and 16 bytes. */
const bytesOf = ({ auth, p256dh }: BrowserKeys) => {
  const [dh, authSecret] = [Buffer.from(p256dh, "base64url"), Buffer.from(auth, "base64url")]
  return dh.length === 65 && authSecret.length === 16 ? { dh, authSecret } : undefined
}

/** `undefined` where the keys are of no use. */
export const encrypted = (keys: BrowserKeys, content: string): Buffer | undefined => {
  const bytes = bytesOf(keys)
  if (bytes === undefined) return undefined
  const privateKey = createECDH("prime256v1")
  privateKey.generateKeys()
  try {
    return httpEce.encrypt(Buffer.from(content), { version: "aes128gcm", ...bytes, privateKey })
  } catch {
    // A point that is not on the curve.
    return undefined
  }
}

/** Whether something can be encrypted for them. */
export const areKeys = (keys: BrowserKeys): boolean => encrypted(keys, "") !== undefined
