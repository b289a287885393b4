/** A push service and the browsers that have subscribed to it: real HTTPS, and what comes is decrypted as RFC 8291 says. */
import { Effect, Layer } from "effect"
import { importJWK, jwtVerify } from "jose"
import { createDecipheriv, createECDH, hkdfSync, randomBytes } from "node:crypto"
import { readFileSync } from "node:fs"
import { createServer } from "node:https"
import type { AddressInfo } from "node:net"
import type { PushPayload } from "../../src/domain/push.ts"
import { PushSettings } from "../../src/services/push/Push.ts"
import { PushNetwork } from "../../src/services/push/PushNetwork.ts"
import { selfSigned } from "./certificates.ts"
import { temporaryDirectory } from "./stores.ts"

export interface Browser {
  readonly subscription: {
    readonly endpoint: string
    readonly keys: { readonly p256dh: string; readonly auth: string }
  }
  readonly decrypt: (body: Buffer) => string
}

/** Written from the RFC, and not with what encrypts. */
const decryptWith = (ecdh: ReturnType<typeof createECDH>, auth: Buffer) => (body: Buffer): string => {
  const salt = body.subarray(0, 16)
  const idLength = body.readUInt8(20)
  const sender = body.subarray(21, 21 + idLength)
  const content = body.subarray(21 + idLength)
  const info = Buffer.concat([Buffer.from("WebPush: info\0"), ecdh.getPublicKey(), sender])
  const ikm = Buffer.from(hkdfSync("sha256", ecdh.computeSecret(sender), auth, info, 32))
  const derive = (name: string, length: number) =>
    Buffer.from(hkdfSync("sha256", ikm, salt, Buffer.from(`Content-Encoding: ${name}\0`), length))
  const decipher = createDecipheriv("aes-128-gcm", derive("aes128gcm", 16), derive("nonce", 12))
  decipher.setAuthTag(content.subarray(-16))
  const padded = Buffer.concat([decipher.update(content.subarray(0, -16)), decipher.final()])
  const end = padded.lastIndexOf(2)
  return padded.subarray(0, end).toString()
}

export interface Pushed {
  readonly path: string
  readonly payload: PushPayload
  readonly headers: { readonly [name: string]: string | undefined }
  /** Of the token, which was verified with the key that is named beside it. */
  readonly claims: { readonly aud?: unknown; readonly sub?: unknown; readonly exp?: number | undefined }
  readonly key: string
}

const verified = async (authorization: string) => {
  const [, token, key] = /^vapid t=([^,]+), k=(.+)$/.exec(authorization)!
  const point = Buffer.from(key!, "base64url")
  const jwk = await importJWK({
    kty: "EC",
    crv: "P-256",
    x: point.subarray(1, 33).toString("base64url"),
    y: point.subarray(33).toString("base64url")
  }, "ES256")
  const { payload } = await jwtVerify(token!, jwk, { currentDate: new Date(0) })
  return { claims: payload, key: key! }
}

export const startPushService = Effect.gen(function*() {
  const { cert, key } = selfSigned(yield* temporaryDirectory)
  const browsers = new Map<string, Browser>()
  const pushed: Array<Pushed> = []
  const problems: Array<string> = []
  const state = {
    /** What it answers, by path. */
    answer: (_path: string): { readonly status: number; readonly headers?: Record<string, string> } => ({
      status: 201
    }),
    tries: 0,
    /** Of names that are looked up. */
    lookups: new Map<string, number>(),
    resolve: (_name: string, _time: number): ReadonlyArray<string> => ["127.0.0.1"]
  }
  const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (request, response) => {
    const chunks: Array<Buffer> = []
    state.tries++
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const path = request.url!
      const { headers, status } = state.answer(path)
      const done = () => response.writeHead(status, headers).end("what nobody reads")
      const browser = browsers.get(path)
      if (browser === undefined || status >= 300) return void done()
      verified(request.headers.authorization!).then(({ claims, key }) => {
        const payload = JSON.parse(browser.decrypt(Buffer.concat(chunks))) as PushPayload
        // Node gives one value for each of these.
        pushed.push({ path, payload, headers: request.headers as Record<string, string>, claims, key })
      }).catch((error: unknown) => void problems.push(String(error))).finally(done)
    })
  })
  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
    () =>
      Effect.sync(() => {
        server.close()
        server.closeAllConnections()
      })
  )
  const { port } = server.address() as AddressInfo
  let count = 0
  /** A browser that has subscribed here, under this name. */
  const browser = (host = "localhost"): Browser => {
    const ecdh = createECDH("prime256v1")
    ecdh.generateKeys()
    const auth = randomBytes(16)
    const path = `/push/${count++}`
    const made: Browser = {
      subscription: {
        endpoint: `https://${host}:${port}${path}`,
        keys: { p256dh: ecdh.getPublicKey("base64url"), auth: auth.toString("base64url") }
      },
      decrypt: decryptWith(ecdh, auth)
    }
    browsers.set(path, made)
    return made
  }
  const settings = Layer.mergeAll(
    Layer.succeed(PushSettings, { contact: "mailto:operator@example.com" }),
    Layer.succeed(PushNetwork, {
      allows: (address) => address === "127.0.0.1",
      allowsPort: (each) => each === String(port),
      resolve: (name, answer) => {
        const time = state.lookups.get(name) ?? 0
        state.lookups.set(name, time + 1)
        answer(null, state.resolve(name, time).map((address) => ({ address, family: 4 })))
      },
      ca: readFileSync(cert, "utf8")
    })
  )
  return { browser, port, problems, pushed, settings, state }
})
