/** The code of README.md's "Embed it" works as it stands, and is safe as it stands. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted, Schema } from "effect"
import { HttpRouter, HttpServer, HttpServerResponse } from "effect/http"
import { existsSync, readFileSync } from "node:fs"
import { networkInterfaces } from "node:os"
import { join } from "node:path"
import { WebSocket } from "ws"
import * as Switchboard from "../../src/index.ts"
import * as WebRoutes from "../../src/services/http/WebRoutes.ts"
import { freshDatabase, hasPostgres } from "../support/postgres.ts"
import { root } from "../support/ServerProcess.ts"
import { temporaryDirectory } from "../support/stores.ts"
import { connect } from "../support/TestClient.ts"

const readme = readFileSync(join(root, "README.md"), "utf8")
const code = /## Embed it\n.*?```ts\n(.*?)```/s.exec(readme)![1]!

const yourRoutes = HttpRouter.add("GET", "/yours", HttpServerResponse.text("yours"))

type App = Layer.Layer<HttpServer.HttpServer, unknown>

/** Each name that this code imports, from where it says. */
const importedBy = (code: string): Record<string, unknown> => {
  const modules: Record<string, object> = {
    effect: { Layer, Redacted, Schema },
    "effect/http": { HttpRouter },
    switchboard: Switchboard
  }
  return Object.fromEntries(
    Array.from(
      code.matchAll(/^import \{ (.*) \} from "(.*)"$/gm),
      ([, names, from]) =>
        names!.split(", ").map((name) => {
          const found = modules[from!] as Record<string, unknown>
          assert.property(found, name)
          return [name, found[name]] as const
        })
    ).flat()
  )
}

/** What the code exports under this name. */
const exportOf = <A>(code: string, name: string, more: Record<string, unknown> = {}): A => {
  const names = { ...importedBy(code), ...more }
  const own = code.replaceAll(/^import .*$/gm, "").replace(`export const ${name}`, `const ${name}`)
  // What stands in README is run as it stands there.
  // oxlint-disable-next-line no-new-func
  return new Function(...Object.keys(names), `${own}\nreturn ${name}`)(...Object.values(names)) as A
}

/** The code with a port and a file of the test's own. */
const appIn = (directory: string, options = "port: 0"): App =>
  exportOf(
    code.replace("port: 3000", options).replace("./chat.db", join(directory, "chat.db")),
    "app",
    { yourRoutes }
  )

const sharedCode = /one Layer more.*?```ts\n(.*?)```/s.exec(readme)![1]!

const portOf = Effect.map(
  HttpServer.HttpServer,
  ({ address }) => address._tag === "UnixPathAddress" ? 0 : address.port
)

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
  it("the app is less than twelve lines, imports and all", () => {
    assert.isBelow(code.split("\n").filter((line) => line.trim() !== "").length, 12)
  })

  it.live("an embedded server answers on its port with its own routes, the chat, the page and tickets", () =>
    Effect.gen(function*() {
      const app = appIn(yield* temporaryDirectory)
      yield* Effect.gen(function*() {
        const port = yield* portOf
        const at = (path: string, init?: RequestInit) =>
          Effect.promise(() => fetch(`http://127.0.0.1:${port}${path}`, init))
        const yours = yield* at("/yours")
        assert.strictEqual(yield* Effect.promise(() => yours.text()), "yours")
        const page = yield* at("/")
        // Where the page was never built it says so, and what to do.
        assert.strictEqual(page.status, existsSync(join(WebRoutes.builtPage, "index.html")) ? 200 : 503)
        const ticket = yield* at("/v1/tickets", {
          method: "POST",
          headers: { "phone-number": "alice", "content-type": "application/json" },
          body: "{}"
        })
        assert.strictEqual(ticket.status, 201)
        const alice = yield* connect({ port, user: "alice", level: "v1" })
        alice.send({ type: "chat_message", id: "1", recipient: "bob", text: "hello" })
        yield* alice.waitFor("message_accepted")
        if (outside !== undefined) assert.strictEqual(yield* statusAt(`ws://${outside}:${port}/ws`), 0)
      }).pipe(Effect.provide(app), Effect.orDie)
    }).pipe(Effect.scoped))

  it.live("with one Layer more it is under a path", () =>
    Effect.gen(function*() {
      const app = appIn(yield* temporaryDirectory).pipe(Layer.provide(Switchboard.BasePath.layer("/chat")))
      yield* Effect.gen(function*() {
        const port = yield* portOf
        const status = (path: string) =>
          Effect.map(Effect.promise(() => fetch(`http://127.0.0.1:${port}${path}`)), ({ status }) => status)
        const paths = ["/yours", "/chat/v1/info", "/v1/info", "/chat/ws", "/ws"]
        assert.deepStrictEqual(yield* Effect.forEach(paths, status), [200, 200, 404, 426, 404])
        const ws = new WebSocket(`ws://127.0.0.1:${port}/chat/ws`, { headers: { "Phone-Number": "alice" } })
        yield* Effect.promise(() => new Promise((resolve, reject) => ws.on("open", resolve).on("error", reject)))
        ws.terminate()
      }).pipe(Effect.provide(app), Effect.orDie)
    }).pipe(Effect.scoped))

  it.live("with a Schema for data, the app refuses what does not fit", () =>
    Effect.gen(function*() {
      const schemaCode = /has it typed.*?```ts\n(.*?)```/s.exec(readme)![1]!
      const polls = exportOf<Layer.Layer<never>>(schemaCode, "polls")
      const app = appIn(yield* temporaryDirectory).pipe(Layer.provide(polls))
      yield* Effect.gen(function*() {
        const alice = yield* connect({ port: yield* portOf, user: "alice", level: "v1" })
        const said = { type: "chat_message", recipient: "bob", text: "Lunch?" }
        assert.strictEqual((yield* alice.ask({ ...said, data: { buttons: 1 } }, "error")).code, "invalid_frame")
        yield* alice.ask({ ...said, data: { buttons: ["yes"] } }, "message_accepted")
        const edit = { type: "edit_message", recipient: "bob", seq: 1, text: "Dinner?" }
        assert.strictEqual((yield* alice.ask({ ...edit, data: {} }, "error")).code, "invalid_frame")
      }).pipe(Effect.provide(app), Effect.orDie)
    }).pipe(Effect.scoped))

  it.live.skipIf(!hasPostgres)("several of it are one chat with one Layer more", () =>
    Effect.gen(function*() {
      const database = yield* freshDatabase("readme")
      const shared = exportOf<Layer.Layer<never>>(
        sharedCode.replace("postgres://chat@localhost/chat", database),
        "shared"
      )
      const own = code.replace("port: 3000", "port: 0").replace(/SqliteMessageStore\.layer\(.*\)\)/, "shared)")
      const start = Effect.gen(function*() {
        const context = yield* Layer.build(Layer.fresh(exportOf<App>(own, "app", { yourRoutes, shared })))
        return yield* Effect.provide(portOf, context)
      })
      const [a, b] = [yield* start, yield* start]
      const [alice, bob] = [
        yield* connect({ port: a, user: "alice", level: "v1" }),
        yield* connect({ port: b, user: "bob", level: "v1" })
      ]
      alice.send({ type: "chat_message", recipient: "bob", text: "hello" })
      assert.strictEqual((yield* bob.waitFor("incoming_message")).text, "hello")
    }).pipe(Effect.scoped, Effect.orDie))

  it.live("P8 told to listen everywhere, it believes Phone-Number from this machine only", () =>
    Effect.gen(function*() {
      const app = appIn(yield* temporaryDirectory, `port: 0, host: "0.0.0.0"`)
      yield* Effect.gen(function*() {
        const port = yield* portOf
        yield* connect({ port, user: "alice", level: "v1" })
        if (outside !== undefined) assert.strictEqual(yield* statusAt(`ws://${outside}:${port}/ws`), 401)
      }).pipe(Effect.provide(app), Effect.orDie)
    }).pipe(Effect.scoped))
})
