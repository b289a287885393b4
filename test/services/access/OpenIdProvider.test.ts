/** P8: a provider's tokens open the door as long as they are its own, for this chat, and of a key that it publishes. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose"
import type { RequestListener } from "node:http"
import { Authenticator } from "../../../src/services/access/Authenticator.ts"
import * as OpenIdProvider from "../../../src/services/access/OpenIdProvider.ts"
import { httpServer } from "../../support/httpServer.ts"

const keyPair = Effect.promise(() => generateKeyPair("RS256", { extractable: true }))

const json = (body: unknown): RequestListener => (_, response) =>
  void response.setHeader("content-type", "application/json").end(JSON.stringify(body))

const down: RequestListener = (_, response) => void response.writeHead(500).end()

const startProvider = Effect.gen(function*() {
  const state = { document: down, keys: down }
  const port = yield* httpServer((request, response) =>
    request.url === "/.well-known/openid-configuration"
      ? state.document(request, response)
      : state.keys(request, response)
  )
  const issuer = `http://127.0.0.1:${port}`
  const document = {
    issuer,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/keys`,
    scopes_supported: ["openid", "offline_access"]
  }
  const publish = (kid: string, key: CryptoKey) =>
    Effect.promise(async () => {
      state.keys = json({ keys: [{ ...await exportJWK(key), kid, use: "sig", alg: "RS256" }] })
    })
  return { state, issuer, document, publish }
})

describe("OpenIdProvider", () => {
  it.effect("down at the start is 503 until it answers; then keys may change, and only its own tokens are good", () =>
    Effect.gen(function*() {
      const { document, issuer, publish, state } = yield* startProvider
      const [first, second] = [yield* keyPair, yield* keyPair]
      const sign = (more: JWTPayload, kid: string, key: CryptoKey) =>
        Effect.promise(() =>
          new SignJWT({ sub: "auth0|1", iss: issuer, aud: "chat", exp: 86_400, ...more })
            .setProtectedHeader({ alg: "RS256", kid }).sign(key)
        )
      const said = Effect.fnUntraced(function*(more: JWTPayload, kid = "1", key = first.privateKey) {
        const { verify } = yield* Authenticator
        return yield* verify!(yield* sign(more, kid, key)).pipe(
          Effect.match({ onFailure: ({ status }) => status, onSuccess: ({ user }) => user as string })
        )
      })
      yield* Effect.gen(function*() {
        const provider = (yield* OpenIdProvider.SignInProvider)!
        assert.strictEqual(yield* said({}), 503)
        assert.isUndefined(provider.known())
        yield* publish("1", first.publicKey)
        // Documents that are not the provider's, or that lead people elsewhere.
        for (
          const wrong of [
            null,
            { ...document, issuer: "https://evil.example.com" },
            { ...document, jwks_uri: "http://evil.example.com/keys" },
            { ...document, authorization_endpoint: "javascript:alert(1)" },
            { ...document, token_endpoint: 7 }
          ]
        ) {
          state.document = json(wrong)
          yield* TestClock.adjust("6 seconds")
          assert.strictEqual(yield* said({}), 503, JSON.stringify(wrong))
        }
        state.document = json(document)
        yield* TestClock.adjust("6 seconds")
        assert.strictEqual(yield* said({}), "auth0|1")
        assert.strictEqual(provider.known()?.token_endpoint, `${issuer}/token`)
        assert.strictEqual(provider.asked(), "openid offline_access")
        assert.strictEqual(yield* said({ aud: ["other", "chat"] }), "auth0|1")
        for (
          const wrong of [{ aud: "other" }, { iss: "https://evil.example.com" }, { sub: 1.5 }, { aud: undefined }]
        ) assert.strictEqual(yield* said(wrong as JWTPayload), 401, JSON.stringify(wrong))
        assert.strictEqual(yield* said({}, "1", second.privateKey), 401)
        yield* TestClock.adjust("31 seconds")
        yield* publish("2", second.publicKey)
        assert.strictEqual(yield* said({}, "2", second.privateKey), "auth0|1")
        assert.strictEqual(yield* said({}), 401)
        // What is known holds while it is down.
        state.document = down
        state.keys = down
        yield* TestClock.adjust("20 minutes")
        assert.strictEqual(yield* said({}, "2", second.privateKey), "auth0|1")
        assert.isDefined(provider.known())
      }).pipe(Effect.provide(OpenIdProvider.layer({ issuer, clientId: "chat", scope: "openid" })))
    }).pipe(Effect.scoped))
})
