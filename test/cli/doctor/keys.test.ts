/** Keys of an identity provider, as a server would get them. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, layer } from "@effect/vitest"
import { Effect, Option, Redacted } from "effect"
import { generateKeyPairSync } from "node:crypto"
import { writeFileSync } from "node:fs"
import type { RequestListener } from "node:http"
import { join } from "node:path"
import type { AccessFlags } from "../../../src/cli/access.ts"
import { keysCheck } from "../../../src/cli/doctor/keys.ts"
import { httpServer } from "../../support/httpServer.ts"
import { temporaryDirectory } from "../../support/stores.ts"
import { foundBy } from "../../support/verdicts.ts"

const none: AccessFlags = {
  auth: "jwt",
  trustPhoneHeader: false,
  trustedProxy: [],
  jwtSecret: Option.none(),
  jwtPublicKey: Option.none(),
  jwksUrl: "",
  jwtIssuer: "",
  jwtAudience: "",
  jwtUserClaim: "sub",
  oidcIssuer: "",
  oidcClientId: "",
  oidcScope: "openid profile",
  allowOrigin: [],
  redactUsers: false
}

const looked = (input: Partial<AccessFlags>) =>
  Effect.map(foundBy([keysCheck({ ...none, ...input })], 30_000), (lines) => lines.join("\n"))

const some = (value: string) => Option.some(Redacted.make(value))

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
const pem = publicKey.export({ type: "spki", format: "pem" }).toString()

layer(NodeServices.layer)("the doctor, of keys", (it) => {
  it.effect("a secret, a public key, a private one by mistake", () =>
    Effect.gen(function*() {
      const file = join(yield* temporaryDirectory, "id.pem")
      writeFileSync(file, pem)
      assert.match(yield* looked({ jwtSecret: some("x".repeat(32)) }), /^ok keys: The secret/)
      assert.match(yield* looked({ jwtSecret: some("short") }), /^failed keys: Give --jwt-secret at least 32 bytes\.$/)
      assert.match(yield* looked({ jwtPublicKey: some(pem) }), /^ok keys: The public key/)
      assert.match(yield* looked({ jwtPublicKey: some(file) }), /^ok keys: The public key/)
      assert.match(yield* looked({ jwtPublicKey: some("/nowhere.pem") }), /^failed keys: Cannot read \/nowhere\.pem/)
      const secret = privateKey.export({ type: "pkcs8", format: "pem" }).toString()
      const said = yield* looked({ jwtPublicKey: some(secret) })
      assert.match(said, /^warning keys: --jwt-public-key is a private key/)
      assert.notInclude(said, secret.split("\n")[1]!)
      assert.match(yield* looked({}), /^failed keys: --auth jwt needs exactly one of/)
    }))

  it.effect("an issuer that has keys, has none, redirects, fails, is not there", () =>
    Effect.gen(function*() {
      const keys = JSON.stringify({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: "a" }] })
      const answers: Record<string, RequestListener> = {
        "/keys": (_, response) => response.end(keys),
        "/none": (_, response) => response.end("{\"keys\":[]}"),
        "/page": (_, response) => response.end("<html>"),
        "/moved": (_, response) => response.writeHead(302, { location: "/keys" }).end(),
        "/broken": (_, response) => response.writeHead(500).end(),
        "/huge": (_, response) => response.end("x".repeat(1_000_000))
      }
      const port = yield* httpServer((request, response) => answers[request.url!]!(request, response))
      const at = (path: string) => looked({ jwksUrl: `http://127.0.0.1:${port}${path}`, jwtIssuer: "id" })
      assert.match(yield* at("/keys"), /^ok keys: 127\.0\.0\.1:\d+ publishes 1 usable keys\.$/)
      assert.match(yield* at("/none"), /^failed keys: .* publishes 0 keys/)
      for (const path of ["/page", "/moved", "/broken", "/huge"]) {
        assert.match(
          yield* at(path),
          /^failed keys: The keys of 127\.0\.0\.1:\d+ cannot be fetched \([^\n]+\); check --jwks/
        )
      }
      assert.match(
        yield* looked({ jwksUrl: "https://127.0.0.1:1/", jwtIssuer: "id" }),
        /^failed keys: The keys of .* cannot/
      )
      assert.match(yield* looked({ jwksUrl: "https://127.0.0.1:1/" }), /^failed keys: --jwks-url needs --jwt-issuer/)
      assert.match(yield* looked({ jwksUrl: "nowhere", jwtIssuer: "id" }), /^failed keys: Give --jwks-url/)
    }).pipe(Effect.scoped), 60_000)
})
