/**
 * The key by which push services know this chat (VAPID, RFC 8292). It is made of random bytes that all servers on a store
 * share, so nobody has to configure it, and browsers that have subscribed to one server have subscribed to all.
 */
import { Effect, Redacted } from "effect"
import { type CryptoKey, importJWK, SignJWT } from "jose"
import { createECDH, createHash } from "node:crypto"
import type { StoreError } from "../storage/MessageStore.ts"
import type { ServerKeys } from "../storage/ServerKeys.ts"

const curve = "prime256v1"
const keyName = "web-push"

/** Push services take nothing that is valid for more than a day. */
const validSeconds = 12 * 3_600
/** A signature takes a third of a millisecond, so one is good for many messages to the same push service. */
const reusedMillis = 3_600_000
const maxOrigins = 100

export interface PushKeys {
  /** Uncompressed, in base64url: what browsers call `applicationServerKey`. */
  readonly publicKey: string
  /** What a message to a push service of this origin is signed with; `now` in milliseconds since the epoch. */
  readonly authorization: (origin: string, now: number) => Effect.Effect<string>
  /** The name under which a push service keeps only the latest message; it tells nothing about what it is made of. */
  readonly topicOf: (what: string) => string
}

/** Of bytes that are no private key, of which there are about as many as of collisions, the next are taken. */
const ecdhOf = (bytes: Uint8Array) => {
  const ecdh = createECDH(curve)
  for (let candidate = Buffer.from(bytes);; candidate = createHash("sha256").update(candidate).digest()) {
    try {
      ecdh.setPrivateKey(candidate)
      return { ecdh, secret: candidate }
    } catch {
      // Zero, or not below the order of the curve.
    }
  }
}

export const keysOf = Effect.fnUntraced(function*(bytes: Uint8Array, contact: string) {
  const { ecdh, secret } = ecdhOf(bytes)
  const point = ecdh.getPublicKey()
  const publicKey = point.toString("base64url")
  const key = yield* Effect.promise(() =>
    importJWK({
      kty: "EC",
      crv: "P-256",
      d: secret.toString("base64url"),
      x: point.subarray(1, 33).toString("base64url"),
      y: point.subarray(33).toString("base64url")
    }, "ES256")
  )
  const signed = (origin: string, now: number) =>
    Effect.promise(() =>
      new SignJWT({ aud: origin, sub: contact, exp: Math.floor(now / 1_000) + validSeconds })
        .setProtectedHeader({ typ: "JWT", alg: "ES256" })
        // Only of what is no secret would it be bytes.
        .sign(key as CryptoKey)
    )
  const known = new Map<string, { readonly value: string; readonly at: number }>()
  const keys: PushKeys = {
    publicKey,
    authorization: Effect.fnUntraced(function*(origin, now) {
      const last = known.get(origin)
      if (last !== undefined && now >= last.at && now - last.at < reusedMillis) return last.value
      const value = `vapid t=${yield* signed(origin, now)}, k=${publicKey}`
      known.delete(origin)
      known.set(origin, { value, at: now })
      const [oldest] = known.keys()
      if (known.size > maxOrigins && oldest !== undefined) known.delete(oldest)
      return value
    }),
    topicOf: (what) => createHash("sha256").update(secret).update(what).digest("base64url").slice(0, 32)
  }
  return keys
})

/** Read from the store when they are first needed, and then kept. */
export const makePushKeys = (keys: ServerKeys["Service"], contact: string): Effect.Effect<PushKeys, StoreError> => {
  let known: PushKeys | undefined
  return Effect.suspend(() =>
    known !== undefined ? Effect.succeed(known) : Effect.map(
      Effect.flatMap(keys.key(keyName), (bytes) => keysOf(Redacted.value(bytes), contact)),
      (made) => known = made
    )
  )
}
