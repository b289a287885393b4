/** One setting says where everything is, for routes and upgrades alike. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer } from "effect"
import { type AddressInfo, createServer } from "node:net"
import { parse } from "../../src/services/BasePath.ts"
import * as BasePath from "../../src/services/BasePath.ts"
import { runCommand, startServer } from "../support/ServerProcess.ts"

const statusOf = (url: string) =>
  Effect.map(
    Effect.promise(() => fetch(url, { redirect: "manual" })),
    ({ headers, status }) => [status, headers.get("location")] as const
  )

const freePort = Effect.callback<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo
    server.close(() => resume(Effect.succeed(port)))
  })
})

describe("the base path", () => {
  it("is what people write for one, and nothing that is none", () => {
    assert.deepStrictEqual(["", "/", "chat", "/chat", "chat/", "//a/b-c//"].map(parse), [
      "",
      "",
      "/chat",
      "/chat",
      "/chat",
      "/a/b-c"
    ])
    for (const none of ["/a//b", "/a?b", "/a b", "/:id", "/*", "/..", "/a/./b", "/%2e%2e", "http://x"]) {
      assert.isUndefined(parse(none), none)
    }
  })

  it.effect("says so when it is none", () =>
    Effect.gen(function*() {
      const exit = yield* Effect.exit(Effect.scoped(Layer.build(BasePath.layer("/:id"))))
      assert.isTrue(Exit.isFailure(exit))
      assert.include(String(exit), "give one such as /chat")
    }))

  it.live(
    "everything is under it and nothing beside it, but what administrators have of their own",
    () =>
      Effect.gen(function*() {
        const adminPort = yield* freePort
        const { output, port } = yield* startServer([
          "--store",
          "memory",
          "--base-path",
          "/chat",
          "--admin-port",
          String(adminPort)
        ])
        const at = `http://127.0.0.1:${port}`
        assert.include(output(), `http://localhost:${port}/chat/ (socket ws://localhost:${port}/chat/ws`)
        assert.deepStrictEqual(yield* statusOf(`${at}/chat`), [308, "/chat/"])
        for (const path of ["/health/live", "/health/ready", "/v1/info", "/docs", "/openapi.json", "/asyncapi.json"]) {
          assert.deepStrictEqual(yield* statusOf(`${at}/chat${path}`), [200, null], path)
          assert.deepStrictEqual(yield* statusOf(`${at}${path}`), [404, null], path)
        }
        assert.deepStrictEqual(yield* statusOf(`${at}/chat/ws`), [426, null])
        for (const path of ["/v1/admin/bans", "/metrics"]) {
          assert.deepStrictEqual(yield* statusOf(`http://127.0.0.1:${adminPort}${path}`), [200, null], path)
          assert.deepStrictEqual(yield* statusOf(`${at}/chat${path}`), [403, null], path)
        }
        for (const path of ["/nothing", "/v1/nothing", "/%ff"]) {
          const lost = yield* Effect.promise(async () => (await fetch(`http://127.0.0.1:${adminPort}${path}`)).json())
          const detail = "There is nothing here; GET /docs says what there is on this port."
          assert.include(lost, { status: 404, detail }, path)
        }
        const described = yield* Effect.promise(async () => (await fetch(`${at}/chat/openapi.json`)).json())
        assert.deepStrictEqual((described as { readonly servers: unknown }).servers, [{ url: "/chat" }])

        const say = (url: string) =>
          runCommand(["send", "--as", "a", "--to", "b", "--url", url, "--timeout", "2", "hello"])
        assert.strictEqual((yield* say(`${at}/chat`)).output, "Accepted as #1 of dm:a:b.\n")
        assert.strictEqual((yield* say(`${at}/chat/index.html`)).code, 0)
        // As it stands in a browser where a conversation is open.
        assert.strictEqual((yield* say(`${at}/chat/#/c/dm%3Aa%3Ab`)).code, 0)
        assert.strictEqual((yield* say(`ws://127.0.0.1:${port}/chat/ws`)).code, 0)
        assert.notStrictEqual((yield* say(`ws://127.0.0.1:${port}/ws`)).code, 0)
      }).pipe(Effect.scoped),
    60_000
  )
})
