/** Who may connect, as the command line says it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { refuses, runCommand, startServer } from "../support/ServerProcess.ts"
import { connect, open } from "../support/TestClient.ts"

const secret = "0123456789abcdef0123456789abcdef"
const memory = ["--store", "memory"]

const refusesToServe = (args: ReadonlyArray<string>, sentence: RegExp) =>
  refuses(["serve", "--port", "0", ...memory, ...args], sentence)

describe("serve, access", () => {
  it.live("Phone-Number authentication stays on loopback unless it is trusted", () =>
    Effect.gen(function*() {
      yield* refusesToServe(["--host", "0.0.0.0"], /--trusted-proxy or --trust-phone-header/)
      yield* startServer([...memory, "--host", "0.0.0.0", "--trusted-proxy", "10.0.0.0/8"]).pipe(
        Effect.flatMap(({ port }) => Effect.flip(open({ port, user: "alice" }))),
        // The header of somebody who is no trusted proxy is not believed.
        Effect.map(({ status }) => assert.strictEqual(status, 401))
      )
      const { port } = yield* startServer([...memory, "--host", "0.0.0.0", "--trusted-proxy", "127.0.0.1"])
      yield* connect({ port, user: "alice", level: "v1" })
    }).pipe(Effect.scoped), 60_000)

  it.live("refuses with one sentence what cannot work", () =>
    Effect.gen(function*() {
      yield* refusesToServe(["--auth", "jwt"], /exactly one of --jwt-secret, --jwt-public-key and --jwks-url/)
      yield* refusesToServe(["--auth", "jwt", "--jwt-secret", "short"], /at least 32 bytes/)
      yield* refusesToServe(["--auth", "jwt", "--jwks-url", "https://id.example.com/keys"], /--jwt-issuer/)
      yield* refusesToServe(["--auth", "jwt", "--jwt-public-key", "/no/such/file"], /Cannot read/)
      const [at, named] = [["--oidc-issuer", "https://id.example.com"], ["--oidc-client-id", "chat"]]
      yield* refusesToServe(at, /needs --oidc-client-id/)
      yield* refusesToServe(named, /needs --oidc-issuer/)
      yield* refusesToServe([...at, ...named, "--auth", "phone-header"], /leave one of them out/)
      yield* refusesToServe([...at, ...named, "--jwks-url", "https://id.example.com/k"], /leave --jwks-url out/)
      yield* refusesToServe([...at, ...named, "--jwt-audience", "mail"], /--jwt-audience is not --oidc-client-id/)
      yield* refusesToServe([...at, ...named, "--oidc-scope", "profile"], /--oidc-scope openid/)
      yield* refusesToServe(["--oidc-issuer", "http://id.example.com", ...named], /--oidc-issuer the address .* https/)
      yield* refusesToServe(["--trusted-proxy", "proxy.local"], /--trusted-proxy addresses or subnets/)
      yield* refusesToServe(["--admin-token", "short"], /at least 16 characters/)
    }), 60_000)

  it.live("`token` signs what `serve --auth jwt` lets in", () =>
    Effect.gen(function*() {
      const issued = ["--jwt-issuer", "https://id.example.com", "--jwt-audience", "chat"]
      const { port } = yield* startServer([...memory, "--auth", "jwt", ...issued], { SWITCHBOARD_JWT_SECRET: secret })
      const { code, output } = yield* runCommand(["token", "--user", "alice", "--jwt-secret", secret, ...issued])
      assert.strictEqual(code, 0)
      const alice = yield* open({ port, level: "v1", headers: { Authorization: `Bearer ${output.trim()}` } })
      const { user } = yield* alice.expect("welcome")
      assert.strictEqual(user as string, "alice")
      const other = yield* runCommand(["token", "--user", "alice", "--jwt-secret", secret])
      const refused = yield* Effect.flip(open({ port, headers: { Authorization: `Bearer ${other.output.trim()}` } }))
      assert.strictEqual(refused.status, 401)
      const bad = yield* runCommand(["token", "--user", "not a user", "--jwt-secret", secret])
      assert.notStrictEqual(bad.code, 0)
    }).pipe(Effect.scoped), 60_000)

  it.live(
    "`token` names the user in the claim that the server reads; a name may look like a flag",
    () =>
      Effect.gen(function*() {
        const claim = ["--jwt-user-claim", "https://example.com/user_id"]
        const { port } = yield* startServer([...memory, "--auth", "jwt", ...claim], { SWITCHBOARD_JWT_SECRET: secret })
        for (const user of ["-_x", "auth0|5f7c8ec7c33c6c004bbafe82", "f:1:a/b"]) {
          const { code, output } = yield* runCommand(["token", `--user=${user}`, "--jwt-secret", secret, ...claim])
          assert.strictEqual(code, 0)
          const one = yield* open({ port, level: "v1", headers: { Authorization: `Bearer ${output.trim()}` } })
          assert.strictEqual((yield* one.expect("welcome")).user as string, user)
        }
        const other = yield* runCommand(["token", "--user", "alice", "--jwt-secret", secret])
        const refused = yield* Effect.flip(open({ port, headers: { Authorization: `Bearer ${other.output.trim()}` } }))
        assert.strictEqual(refused.status, 401)
        yield* refusesToServe(["--auth", "jwt", "--jwt-user-claim", ""], /--jwt-user-claim the name of a claim/)
      }).pipe(Effect.scoped),
    60_000
  )

  it.live("a secret does not appear in help, errors or logs", () =>
    Effect.gen(function*() {
      const env = { SWITCHBOARD_JWT_SECRET: secret, SWITCHBOARD_ADMIN_TOKEN: "a-token-of-administrators" }
      const { errors, output } = yield* runCommand(["serve", "--help"], env)
      const server = yield* startServer([...memory, "--auth", "jwt", "--log-level", "all"], env)
      const token = (yield* runCommand(["token", "--user", "+15550001"], env)).output.trim()
      const alice = yield* open({ port: server.port, level: "v1", headers: { Authorization: `Bearer ${token}` } })
      alice.send({ type: "chat_message", id: "1", recipient: "bob", text: "between you and me" })
      yield* alice.waitFor("message_accepted")
      yield* Effect.flip(open({ port: server.port, headers: { Authorization: `Bearer ${token}x` } }))
      yield* Effect.promise(() =>
        fetch(`http://127.0.0.1:${server.port}/v1/admin/bans`, { headers: { authorization: `Bearer ${token}` } })
      )
      const everything = errors + output + server.output() + server.errors()
      assert.include(everything, "Admission.refused")
      for (const hidden of [secret, "a-token-of-administrators", token, "between you and me"]) {
        assert.notInclude(everything, hidden)
      }
    }).pipe(Effect.scoped), 60_000)

  it.live("--redact-users hides who was banned", () =>
    Effect.gen(function*() {
      const server = yield* startServer([...memory, "--redact-users", "--admin-token", "a-token-of-administrators"])
      const response = yield* Effect.promise(() =>
        fetch(`http://127.0.0.1:${server.port}/v1/admin/ban`, {
          method: "POST",
          headers: { authorization: "Bearer a-token-of-administrators", "content-type": "application/json" },
          body: "{\"user\":\"+15550001\"}"
        })
      )
      assert.strictEqual(response.status, 200)
      assert.match(server.output(), /Bans\.banned[^]*user: user-[0-9a-f]{12}/)
      assert.notInclude(server.output(), "+15550001")
      const refused = yield* Effect.flip(open({ port: server.port, user: "+15550001" }))
      assert.strictEqual(refused.status, 403)
    }).pipe(Effect.scoped), 60_000)
})
