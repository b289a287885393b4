/** examples/clamav keeps viruses out: with ClamAV's own daemon, and with one that says what no daemon should. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { HttpServer } from "effect/http"
import { spawn } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { createServer, type Socket } from "node:net"
import { join } from "node:path"
import { app, type Clamd } from "../../examples/clamav/main.ts"
import { eventually } from "../support/eventually.ts"
import { upload } from "../support/fileApi.ts"
import { temporaryDirectory } from "../support/stores.ts"

/** The test string that every scanner knows, in two parts so that no scanner finds it here. */
const eicar = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD", "-ANTIVIRUS-TEST-FILE!$H+H*"].join("")

const program = "/usr/sbin/clamd"
const hasClamd = existsSync(program)
if (!hasClamd) {
  if (process.env["CI"] !== undefined) throw new Error("CI needs ClamAV's daemon (Debian's clamav-daemon).")
  process.stderr.write("\n!!! SKIPPED: no clamd here, so files are scanned by a scripted one only.\n\n")
}

/** With the one signature that is needed. Both kinds of address lead to it. */
const realClamd = Effect.gen(function*() {
  const directory = yield* temporaryDirectory
  const path = join(directory, "clamd.sock")
  mkdirSync(join(directory, "db"))
  writeFileSync(join(directory, "db", "test.ndb"), `Eicar-Test-Signature:0:*:${Buffer.from(eicar).toString("hex")}\n`)
  writeFileSync(
    join(directory, "clamd.conf"),
    [`LocalSocket ${path}`, `DatabaseDirectory ${directory}/db`, "Foreground yes", "StreamMaxLength 5M", ""].join("\n")
  )
  yield* Effect.acquireRelease(
    Effect.sync(() => spawn(program, ["-c", join(directory, "clamd.conf")], { stdio: "ignore" })),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )
  yield* eventually(Effect.sync(() => existsSync(path)))
  return path
})

/** One that does as it is told with all who come. */
const scripted = (answer: (socket: Socket) => void) =>
  Effect.gen(function*() {
    const path = join(yield* temporaryDirectory, "clamd.sock")
    const sockets = new Set<Socket>()
    yield* Effect.acquireRelease(
      Effect.callback<ReturnType<typeof createServer>>((resume) => {
        const server = createServer((socket) => {
          sockets.add(socket)
          socket.on("error", () => {})
          answer(socket)
        })
        server.listen(path, () => resume(Effect.succeed(server)))
      }),
      (server) =>
        Effect.sync(() => {
          for (const socket of sockets) socket.destroy()
          server.close()
        })
    )
    return path
  })

/** A server behind which this daemon stands: how it answers an upload, and what lies in its folder then. */
const serving = Effect.fnUntraced(function*(clamd: Clamd) {
  const directory = yield* temporaryDirectory
  const context = yield* Layer.build(Layer.fresh(app(0, directory, clamd)))
  const { address } = yield* Effect.provideContext(HttpServer.HttpServer, context)
  const port = address._tag === "UnixPathAddress" ? 0 : address.port
  return {
    send: (body: string | Uint8Array<ArrayBuffer>) => Effect.map(upload(port, body), ({ status }) => status),
    kept: () =>
      readdirSync(join(directory, "files"), { recursive: true, encoding: "utf8" }).filter((name) =>
        /\/f\w{33}$/.test(name)
      )
        .length
  }
})

describe("examples/clamav", () => {
  it.live.skipIf(!hasClamd)(
    "ClamAV's daemon: a file without a virus passes, one with, or too large for it, is not kept",
    () =>
      Effect.gen(function*() {
        const server = yield* serving({ address: yield* realClamd })
        assert.strictEqual(yield* server.send("hello"), 201)
        assert.strictEqual(yield* server.send(new Uint8Array(3_000_000)), 201)
        assert.strictEqual(yield* server.send(""), 201)
        assert.strictEqual(server.kept(), 3)
        assert.strictEqual(yield* server.send(eicar), 422)
        assert.strictEqual(yield* server.send(new Uint8Array(6_000_000)), 503, "nobody has looked at all of it")
        assert.strictEqual(server.kept(), 3)
      }).pipe(Effect.scoped),
    120_000
  )

  const broken: ReadonlyArray<readonly [name: string, (socket: Socket) => void]> = [
    ["hangs up", (socket) => socket.destroy()],
    ["says something else", (socket) => socket.end("UNKNOWN COMMAND\0")],
    ["nearly says that it is well", (socket) => socket.end("stream: OK, I think\0")],
    ["says nothing", (socket) => void socket.resume()],
    ["takes nothing", (socket) => void socket.pause()]
  ]
  for (const [name, answer] of broken) {
    it.live(`a daemon that ${name} lets nothing pass`, () =>
      Effect.gen(function*() {
        const server = yield* serving({ address: yield* scripted(answer), millis: 500 })
        assert.strictEqual(yield* server.send(new Uint8Array(2_000_000)), 503)
        assert.strictEqual(server.kept(), 0)
      }).pipe(Effect.scoped))
  }

  it.live("where there is none nothing passes", () =>
    Effect.gen(function*() {
      const server = yield* serving({ address: "127.0.0.1:1" })
      assert.strictEqual(yield* server.send("hello"), 503)
      assert.strictEqual(server.kept(), 0)
    }).pipe(Effect.scoped))
})
