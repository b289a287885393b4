/** Signatures as Standard Webhooks has them: HMAC-SHA256 of `id.timestamp.body`, so that a receiver knows who tells. */
import { Redacted } from "effect"
import { createHmac } from "node:crypto"

const prefix = "whsec_"

/** What a secret may be, in bytes. */
const least = 24
const most = 64

/** The key, or `undefined` for what is no secret. */
export const keyOf = (secret: string): Uint8Array | undefined => {
  const encoded = secret.slice(prefix.length)
  if (!secret.startsWith(prefix) || !/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return undefined
  const key = Buffer.from(encoded, "base64")
  return key.length >= least && key.length <= most ? key : undefined
}

/** One signature for each secret, as the header has them. `timestamp` is in seconds since the epoch. */
export const signatureOf = (
  secrets: ReadonlyArray<Redacted.Redacted<string>>,
  { body, id, timestamp }: { readonly id: string; readonly timestamp: number; readonly body: string }
): string =>
  secrets.map((secret) => {
    const key = keyOf(Redacted.value(secret)) ?? new Uint8Array()
    return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`
  }).join(" ")
