/** P8: a token opens the door for whom it names, and nothing that only looks like one does. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose"
import { createHmac, createPublicKey, type KeyObject } from "node:crypto"
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { Authenticator, type ConnectRequest } from "../../../src/services/access/Authenticator.ts"
import * as JwtAuthenticator from "../../../src/services/access/JwtAuthenticator.ts"
import * as JwtKeys from "../../../src/services/access/JwtKeys.ts"
import { strangeNames } from "../../support/strangeNames.ts"
import { withWallClock } from "../../support/wallClock.ts"

const secret = "0123456789abcdef0123456789abcdef"
const issuer = "https://id.example.com"
const audience = "chat"

const claims = (more: JWTPayload = {}): JWTPayload => ({
  sub: "alice",
  iss: issuer,
  aud: audience,
  exp: 3_600,
  jti: "t1",
  ...more
})

const sign = (payload: JWTPayload, alg = "HS256", key: CryptoKey | Uint8Array = Buffer.from(secret), kid?: string) =>
  Effect.promise(() =>
    new SignJWT(payload).setProtectedHeader({ alg, ...(kid === undefined ? {} : { kid }) }).sign(key)
  )

const request = (headers: ConnectRequest["headers"]): ConnectRequest => ({
  headers,
  query: new URLSearchParams("device=phone"),
  remoteAddress: "127.0.0.1",
  address: "127.0.0.1",
  local: true
})

const withSecret = JwtAuthenticator.layer({ keys: JwtKeys.fromSecret(secret), issuer, audience })

const statusOf = Effect.fnUntraced(function*(token: string) {
  const authenticator = yield* Authenticator
  return yield* authenticator.authenticate(request({ authorization: `Bearer ${token}` })).pipe(
    Effect.match({ onFailure: ({ status }) => status, onSuccess: ({ user }) => user as string })
  )
})

const base64 = (value: object | string) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url")

describe("JwtAuthenticator", () => {
  it.effect("lets in by Authorization and by subprotocol, with the time it ends and its name", () =>
    Effect.gen(function*() {
      const authenticator = yield* Authenticator
      const token = yield* sign(claims())
      for (
        const headers of [
          { authorization: `Bearer ${token}` },
          { "sec-websocket-protocol": `switchboard.v1, bearer.${token}` }
        ]
      ) {
        assert.deepStrictEqual(yield* authenticator.authenticate(request(headers)), {
          user: "alice",
          device: "phone",
          named: true,
          expiresAt: 3_600_000,
          tokenId: "t1"
        } as never)
      }
    }).pipe(Effect.provide(withSecret)))

  it.effect("refuses what is expired, not yet valid, of others, incomplete, unsigned or too long", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("1 hour")
      const now = 3_600
      const without = (name: string) => {
        const { [name]: _, ...rest } = claims({ exp: now + 60 })
        return rest
      }
      const bad: ReadonlyArray<readonly [string, string]> = [
        ["expired", yield* sign(claims({ exp: now - 60 }))],
        ["not yet valid", yield* sign(claims({ exp: now + 600, nbf: now + 120 }))],
        ["another issuer", yield* sign(claims({ exp: now + 60, iss: "https://evil.example.com" }))],
        ["another audience", yield* sign(claims({ exp: now + 60, aud: "mail" }))],
        ["no exp", yield* sign(without("exp"))],
        ["no sub", yield* sign(without("sub"))],
        ["no iss", yield* sign(without("iss"))],
        ["no aud", yield* sign(without("aud"))],
        ["not a user id", yield* sign(claims({ exp: now + 60, sub: "alice bob" }))],
        ["another secret", yield* sign(claims({ exp: now + 60 }), "HS256", Buffer.from(secret.toUpperCase()))],
        ["another algorithm", yield* sign(claims({ exp: now + 60 }), "HS512")],
        ["none", `${base64({ alg: "none" })}.${base64(claims({ exp: now + 60 }))}.`],
        ["None", `${base64({ alg: "None" })}.${base64(claims({ exp: now + 60 }))}.`],
        ["a critical header", `${base64({ alg: "HS256", crit: ["x"], x: 1 })}.${base64(claims())}.AAAA`],
        ["100 KB", `${yield* sign(claims({ exp: now + 60 }))}${"A".repeat(100_000)}`],
        ["garbage", "a.b.c"]
      ]
      for (const [what, token] of bad) assert.strictEqual(yield* statusOf(token), 401, what)
      assert.strictEqual(yield* statusOf(yield* sign(claims({ exp: now + 60 }))), "alice")
      // Clocks may differ a little, and no more.
      assert.strictEqual(yield* statusOf(yield* sign(claims({ exp: now + 60, nbf: now + 20 }))), "alice")
    }).pipe(Effect.provide(withSecret)))

  it.effect("the user is whom --jwt-user-claim names, as text or as a whole number", () =>
    Effect.gen(function*() {
      const claim = "https://example.com/user_id"
      const others = { sub: "somebody", exp: 3_600 }
      const said = Effect.fnUntraced(function*(value: unknown) {
        const authenticator = yield* Authenticator
        const token = yield* sign({ ...claims(others), ...(value === undefined ? {} : { [claim]: value }) })
        return yield* authenticator.verify!(token).pipe(
          Effect.match({ onFailure: ({ message, status }) => `${status} ${message}`, onSuccess: ({ user }) => user })
        )
      })
      yield* Effect.gen(function*() {
        for (const user of [...strangeNames, "alice", "12345678901234567890"]) {
          assert.strictEqual(yield* said(user), user)
        }
        assert.strictEqual(yield* said(42), "42")
        const type = `401 The token's "${claim}" is neither text nor a whole number, so it names nobody.`
        for (const value of [undefined, null, true, 1.5, 2 ** 53, ["alice"], { id: "alice" }]) {
          assert.strictEqual(yield* said(value), type, JSON.stringify(value))
        }
        for (const value of ["", "@system", "a b", "x".repeat(129), "a\u0000"]) {
          assert.include(yield* said(value), `401 The token's "${claim}" is not a user id: 1 to 128 `, value)
        }
      }).pipe(
        Effect.provide(
          JwtAuthenticator.layer({ keys: JwtKeys.fromSecret(secret), issuer, audience, userClaim: claim })
        )
      )
    }))

  it.effect("a name and a picture become the profile where they fit, and keep nobody out where they do not", () =>
    Effect.gen(function*() {
      const authenticator = yield* Authenticator
      const profileOf = Effect.fnUntraced(function*(more: JWTPayload) {
        return (yield* authenticator.verify!(yield* sign(claims(more)))).profile
      })
      const picture = "https://img.example.com/a.png?s=1"
      assert.deepStrictEqual(yield* profileOf({ name: "Alice 🌸", picture }), { name: "Alice 🌸", picture })
      assert.deepStrictEqual(yield* profileOf({ name: "Alice", picture: "http://x.example/a.png" }), { name: "Alice" })
      assert.deepStrictEqual(yield* profileOf({ name: "a\u202eb", picture }), { picture })
      for (
        const bad of [
          {},
          { name: "", picture: "" },
          { name: 7, picture: ["https://x.example"] },
          { name: "x".repeat(65), picture: `https://x.example/${"x".repeat(256)}` },
          { name: "a\nb", picture: "javascript:alert(1)" },
          { name: " ", picture: "https://x.example/a b" },
          { name: "\ud800", picture: "https://" }
        ]
      ) {
        assert.isUndefined(yield* profileOf(bad), JSON.stringify(bad))
      }
    }).pipe(Effect.provide(withSecret)))

  it.effect("a token that is signed with the public key as a secret is refused (swapped keys)", () =>
    Effect.gen(function*() {
      const { privateKey, publicKey } = yield* Effect.promise(() => generateKeyPair("RS256", { extractable: true }))
      const jwk = yield* Effect.promise(() => exportJWK(publicKey))
      const key: KeyObject = createPublicKey({ key: jwk as never, format: "jwk" })
      const pem = key.export({ type: "spki", format: "pem" }).toString()
      const good = yield* sign(claims(), "RS256", privateKey)
      const head = base64({ alg: "HS256", typ: "JWT" })
      const body = base64(claims())
      const forged = (material: string | Buffer) =>
        `${head}.${body}.${createHmac("sha256", material).update(`${head}.${body}`).digest("base64url")}`
      yield* Effect.gen(function*() {
        assert.strictEqual(yield* statusOf(good), "alice")
        assert.strictEqual(yield* statusOf(forged(pem)), 401)
        assert.strictEqual(yield* statusOf(forged(key.export({ type: "spki", format: "der" }))), 401)
        assert.strictEqual(yield* statusOf(forged(pem.trim())), 401)
      }).pipe(Effect.provide(JwtAuthenticator.layer({ keys: JwtKeys.fromPublicKey(pem), issuer, audience })))
    }))

  it.effect("says what is wrong with a configuration in one sentence", () =>
    Effect.gen(function*() {
      for (
        const keys of [
          JwtKeys.fromSecret("short"),
          JwtKeys.fromPublicKey("not a key"),
          JwtKeys.fromUrl("not a url"),
          JwtKeys.fromUrl("http://id.example.com/keys"),
          // Names that look like this machine and are somebody's.
          JwtKeys.fromUrl("http://localhost.evil.example/keys"),
          JwtKeys.fromUrl("http://127.evil.example/keys"),
          JwtKeys.fromUrl("http://127.0.0.1.evil.example/keys")
        ]
      ) {
        const error = yield* Effect.flip(Effect.asVoid(keys))
        assert.match(error.message, /^Give --jwt-|^Give --jwks-/)
      }
    }).pipe(Effect.scoped))
})

/** An issuer on loopback whose answers the test chooses. */
const startIssuer = Effect.gen(function*() {
  const state = { asked: 0, answer: ((_, response) => response.end("{}")) as RequestListener }
  const server = createServer((request, response) => {
    state.asked++
    state.answer(request, response)
  })
  const listening = yield* Deferred.make<void>()
  yield* Effect.acquireRelease(
    Effect.sync(() => server.listen(0, "127.0.0.1", () => Deferred.doneUnsafe(listening, Effect.void))),
    () => Effect.sync(() => server.closeAllConnections() ?? server.close())
  )
  yield* Deferred.await(listening)
  return { state, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys` }
})

describe("JwtKeys", () => {
  const keyPair = Effect.promise(() => generateKeyPair("ES256", { extractable: true }))

  const publish = Effect.fnUntraced(function*(keys: ReadonlyArray<readonly [string, CryptoKey]>) {
    const jwks = yield* Effect.forEach(
      keys,
      ([kid, key]) => Effect.promise(async () => ({ ...await exportJWK(key), kid }))
    )
    return ((_, response) => response.end(JSON.stringify({ keys: jwks }))) as RequestListener
  })

  it.effect("keys of the issuer: fetched once, again for a new one at most every 30 s, kept while it is down", () =>
    withWallClock(Effect.fnUntraced(function*(wall) {
      const { state, url } = yield* startIssuer
      const [first, second, stranger] = [yield* keyPair, yield* keyPair, yield* keyPair]
      state.answer = yield* publish([["k1", first.publicKey]])
      yield* Effect.gen(function*() {
        const k1 = yield* sign(claims(), "ES256", first.privateKey, "k1")
        const k2 = yield* sign(claims(), "ES256", second.privateKey, "k2")
        assert.deepStrictEqual([yield* statusOf(k1), yield* statusOf(k1), state.asked], ["alice", "alice", 1])
        // A token cannot make the server ask again and again.
        for (let i = 0; i < 20; i++) {
          assert.strictEqual(yield* statusOf(yield* sign(claims(), "ES256", stranger.privateKey, `x${i}`)), 401)
        }
        assert.strictEqual(state.asked, 1)
        yield* wall.step(-600_000)
        yield* TestClock.adjust("31 seconds")
        state.answer = yield* publish([["k1", first.publicKey], ["k2", second.publicKey]])
        assert.deepStrictEqual([yield* statusOf(k2), state.asked], ["alice", 2])
        state.answer = (_, response) => response.writeHead(500).end()
        yield* TestClock.adjust("20 minutes")
        assert.deepStrictEqual([yield* statusOf(k1), yield* statusOf(k2)], ["alice", "alice"])
        assert.strictEqual(yield* statusOf(yield* sign(claims(), "ES256", stranger.privateKey, "k1")), 401)
      }).pipe(Effect.provide(JwtAuthenticator.layer({ keys: JwtKeys.fromUrl(url), issuer, audience })))
    }, Effect.scoped)))

  it.effect("an issuer that does not answer, or sends the server elsewhere, is 503 and not somebody else's word", () =>
    Effect.gen(function*() {
      const { state, url } = yield* startIssuer
      const elsewhere = yield* startIssuer
      const stranger = yield* keyPair
      elsewhere.state.answer = yield* publish([["k", stranger.publicKey]])
      const token = yield* sign(claims(), "ES256", stranger.privateKey, "k")
      const answers: ReadonlyArray<RequestListener> = [
        (_, response) => response.writeHead(302, { location: elsewhere.url }).end(),
        (_, response) => response.writeHead(404).end(),
        (_, response) => response.end("not json"),
        (_, response) => response.end(JSON.stringify({ keys: "none" })),
        // More than a key set ever has: the rest is not read, and it would have no end.
        (_, response) => {
          const more = () => {
            while (response.write(" ".repeat(65_536))) { /* until it is full */ }
            response.once("drain", more)
          }
          more()
        },
        (incoming) => incoming.socket.destroy()
      ]
      for (const answer of answers) {
        state.answer = answer
        assert.strictEqual(
          yield* statusOf(token).pipe(
            Effect.provide(Layer.fresh(JwtAuthenticator.layer({ keys: JwtKeys.fromUrl(url), issuer, audience })))
          ),
          503
        )
      }
      assert.strictEqual(elsewhere.state.asked, 0)
    }).pipe(Effect.scoped))

  it.effect("a secret in a public key set is of no use", () =>
    Effect.gen(function*() {
      const { state, url } = yield* startIssuer
      state.answer = (_, response) =>
        response.end(JSON.stringify({ keys: [{ kty: "oct", kid: "k", alg: "HS256", k: base64(secret) }] }))
      yield* Effect.gen(function*() {
        assert.strictEqual(yield* statusOf(yield* sign(claims(), "HS256", Buffer.from(secret), "k")), 401)
      }).pipe(Effect.provide(JwtAuthenticator.layer({ keys: JwtKeys.fromUrl(url), issuer, audience })))
    }).pipe(Effect.scoped))
})
