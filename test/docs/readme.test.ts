/** The code of README.md's "Embed it" works as it stands, and is safe as it stands. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServer, HttpServerResponse } from "effect/http"
import { readFileSync } from "node:fs"
import { networkInterfaces } from "node:os"
import { join } from "node:path"
import { WebSocket } from "ws"
import * as Switchboard from "../../src/index.ts"
import { root } from "../support/ServerProcess.ts"
import { temporaryDirectory } from "../support/stores.ts"
import { connect } from "../support/TestClient.ts"

const code = /## Embed it\n.*?```ts\n(.*?)```/s.exec(readFileSync(join(root, "README.md"), "utf8"))![1]!

const yourRoutes = HttpRouter.add("GET", "/yours", HttpServerResponse.text("yours"))

type App = Layer.Layer<HttpServer.HttpServer, unknown>

/** The code with a port and a file of the test's own. */
const appIn = (directory: string): App => {
  const own = code.replace("port: 3000", "port: 0").replace("./chat.db", join(directory, "chat.db"))
  assert.notStrictEqual(own, code)
  const names = { ...Switchboard, Layer, HttpRouter, yourRoutes }
  // oxlint-disable-next-line no-new-func
  return new Function(...Object.keys(names), `${own}\nreturn app`)(...Object.values(names)) as App
}

/** An address of this machine that others can reach. */
const outside = Object.values(networkInterfaces()).flat()
  .find((each) => each?.family === "IPv4" && !each.internal)?.address

/** What somebody hears there who says that they are mallory. */
const statusAt = (url: string) =>
  Effect.callback<number>((resume) => {
    const ws = new WebSocket(url, { headers: { "Phone-Number": "mallory" } })
    ws.on("error", () => resume(Effect.succeed(0)))
    ws.on("open", () => resume(Effect.succeed(101)))
    ws.on("unexpected-response", (_, { statusCode }) => resume(Effect.succeed(statusCode ?? 0)))
    return Effect.sync(() => ws.terminate())
  })

describe("README.md", () => {
  it.live("P8 an embedded server answers on its port, and believes Phone-Number from this machine only", () =>
    Effect.gen(function*() {
      const app = appIn(yield* temporaryDirectory)
      yield* Effect.gen(function*() {
        const { address } = yield* HttpServer.HttpServer
        const port = address._tag === "UnixPathAddress" ? 0 : address.port
        const yours = yield* Effect.promise(() => fetch(`http://127.0.0.1:${port}/yours`))
        assert.strictEqual(yield* Effect.promise(() => yours.text()), "yours")
        const alice = yield* connect({ port, user: "alice", level: "v1" })
        alice.send({ type: "chat_message", id: "1", recipient: "bob", text: "hello" })
        yield* alice.waitFor("message_accepted")
        if (outside === undefined) return
        assert.strictEqual(yield* statusAt(`ws://${outside}:${port}/ws`), 401)
      }).pipe(Effect.provide(app), Effect.orDie)
    }).pipe(Effect.scoped))
})
