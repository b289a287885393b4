/** P10: the process lives and stops as docs/operations.md says, whoever started it and wherever its log goes. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { spawn } from "node:child_process"
import { openSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { launch } from "../../src/cli/serve.ts"
import { stopInTime } from "../../src/cli/stop.ts"
import * as ActorScheduler from "../../src/services/kernel/ActorScheduler.ts"
import { Lifeline } from "../../src/services/kernel/Lifeline.ts"
import { Gateway } from "../../src/services/transport/Gateway.ts"
import { settle } from "../support/actors.ts"
import { engine, root, type ServerProcess, startServer } from "../support/ServerProcess.ts"
import { canMount, smallDisk } from "../support/smallDisk.ts"
import { connect } from "../support/TestClient.ts"
import { until } from "../support/until.ts"

const token = "0123456789abcdef0123456789abcdef"

/** Something that the server logs. */
const beLogged = (port: number) =>
  Effect.promise(() =>
    fetch(`http://127.0.0.1:${port}/v1/admin/ban`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ user: "mallory", reason: "spam" })
    }).then((response) => response.status)
  )

const isUp = (port: number) =>
  Effect.promise(() => fetch(`http://127.0.0.1:${port}/health/live`).then((response) => response.ok, () => false))

const serveArgs = ["--store", "memory", "--admin-token", token, "--log-format", "json"]

/** A server that is not alone. */
const startBeside = (...args: ReadonlyArray<string>) =>
  startServer([...serveArgs, ...args], {}, undefined, "test/support/serveBeside.ts")

/** The signal, until the process has ended; with which code. */
const again = ({ exited, kill }: ServerProcess) =>
  Effect.raceFirst(exited, Effect.forever(Effect.andThen(Effect.sync(() => kill("SIGTERM")), Effect.sleep(100))))

describe("the log", () => {
  it.live("nobody reads stdout and stderr any more: the chat goes on, and stops cleanly", () =>
    Effect.gen(function*() {
      const server = yield* startServer(serveArgs)
      server.hangUp()
      const alice = yield* connect({ port: server.port, user: "alice", level: "v1" })
      for (let i = 0; i < 20; i++) assert.strictEqual(yield* beLogged(server.port), 200)
      alice.send({ type: "chat_message", id: "1", recipient: "bob", text: "hi" })
      assert.strictEqual((yield* alice.waitFor("message_accepted")).seq, 1)
      server.kill("SIGTERM")
      assert.strictEqual(yield* server.exited, 0)
    }).pipe(Effect.scoped), 60_000)

  it.live.skipIf(!canMount)(
    "its disk is full: the chat goes on, and logs again when there is room",
    () =>
      Effect.gen(function*() {
        const path = yield* smallDisk("4m")
        const log = join(path, "log")
        const server = yield* startServer(serveArgs, {}, { fd: openSync(log, "w"), path: log })
        const filler = join(path, "filler")
        assert.throws(() => writeFileSync(filler, Buffer.alloc(8 * 1_048_576)), /ENOSPC/)
        for (let i = 0; i < 40; i++) assert.strictEqual(yield* beLogged(server.port), 200)
        rmSync(filler)
        const before = readFileSync(log, "utf8").length
        yield* until(Effect.map(beLogged(server.port), () => readFileSync(log, "utf8").length > before))
        server.kill("SIGTERM")
        assert.strictEqual(yield* server.exited, 0)
      }).pipe(Effect.scoped),
    60_000
  )
})

describe("a signal", () => {
  it.live("a second one ends the process at once, however long clients take to leave", () =>
    Effect.gen(function*() {
      const server = yield* startServer(["--store", "memory", "--drain-ms", "600000"])
      const alice = yield* connect({ port: server.port, user: "alice", level: "v1" })
      const bob = yield* connect({ port: server.port, user: "bob", level: "v1" })
      // She never answers the close frame.
      alice.ws.pause()
      server.kill("SIGTERM")
      yield* bob.waitFor("draining")
      assert.strictEqual(yield* again(server), 143)
    }).pipe(Effect.scoped), 60_000)

  it.live(
    "where others take the clients: the first lets them go, also past what a stop alone may take",
    () =>
      Effect.gen(function*() {
        const server = yield* startBeside("--reconnect-spread-ms", "4000")
        const alice = yield* connect({ port: server.port, user: "alice", level: "v1" })
        server.kill("SIGTERM")
        yield* alice.waitFor("draining")
        // More than four seconds and the second of a server that is alone.
        assert.strictEqual(yield* alice.closed, 4001)
        assert.strictEqual(yield* server.exited, 0, server.errors())
        assert.strictEqual(server.errors(), "")
      }).pipe(Effect.scoped),
    60_000
  )

  it.live("where others take the clients: a second one ends the process at once", () =>
    Effect.gen(function*() {
      const server = yield* startBeside("--reconnect-spread-ms", "600000")
      const alice = yield* connect({ port: server.port, user: "alice", level: "v1" })
      server.kill("SIGTERM")
      yield* alice.waitFor("draining")
      assert.strictEqual(yield* again(server), 143)
      assert.strictEqual(yield* alice.closed, 1006)
    }).pipe(Effect.scoped), 60_000)

  it.live("to npm, whose shell passes nothing on: the server stops", () =>
    Effect.gen(function*() {
      const exited = yield* Deferred.make<void>()
      let output = ""
      const shell = yield* Effect.acquireRelease(
        Effect.callback<ReturnType<typeof spawn>>((resume) => {
          const command = `"${engine}" bin/switchboard.js serve --port 0 --store memory; true`
          const child = spawn("sh", ["-c", command], {
            cwd: root,
            env: { ...process.env, npm_execpath: "/usr/bin/npm" },
            stdio: ["ignore", "pipe", "ignore"]
          })
          child.stdout.on("data", (data: Buffer) => {
            output += data.toString()
            if (output.includes("listens")) resume(Effect.succeed(child))
          })
          // The server has the pipe too.
          child.stdout.once("close", () => Deferred.doneUnsafe(exited, Effect.void))
        }),
        (child) => Effect.sync(() => child.kill("SIGKILL"))
      )
      const port = Number(/listens: http:\/\/[^:]+:(\d+)/.exec(output)![1])
      const alice = yield* connect({ port, user: "alice", level: "v1" })
      shell.kill("SIGTERM")
      assert.strictEqual(yield* alice.closed, 4001)
      yield* Deferred.await(exited)
      assert.isFalse(yield* isUp(port))
    }).pipe(Effect.scoped), 60_000)

  it("npm start puts no shell between, so that npm can be the first process of a container", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      scripts: Record<string, string>
    }
    assert.match(scripts["start"]!, /^exec node /)
  })
})

describe("stopInTime", () => {
  const stop = Effect.fnUntraced(function*(running: Effect.Effect<never>) {
    let cut = false
    const options = {
      millis: Effect.succeed(5_000),
      cut: Effect.sync(() => {
        cut = true
      })
    }
    const fiber = yield* Effect.forkChild(stopInTime(running, Effect.never, options))
    yield* settle
    fiber.interruptUnsafe()
    yield* settle
    yield* TestClock.adjust("4 seconds")
    const soon = fiber.pollUnsafe() !== undefined
    yield* TestClock.adjust("2 seconds")
    yield* Fiber.await(fiber)
    return [soon, cut]
  }, Effect.provide(ActorScheduler.layer))

  it.effect("waits for what ends, and not for what does not", () =>
    Effect.gen(function*() {
      const ends = Effect.onInterrupt(Effect.never, () => Effect.sleep("3 seconds"))
      assert.deepStrictEqual(yield* stop(ends), [true, false])
      const hangs = Effect.onInterrupt(Effect.never, () => Effect.never)
      assert.deepStrictEqual(yield* stop(hangs), [false, true])
      assert.deepStrictEqual(yield* stop(Effect.uninterruptible(Effect.never)), [false, true])
    }))

  it.effect("a server that is broken ends, with a sentence", () =>
    Effect.gen(function*() {
      const dying = Layer.effectDiscard(Effect.gen(function*() {
        const { vital } = yield* Lifeline
        yield* Effect.forkScoped(vital("Deliveries", Effect.die(new Error("a defect"))))
      })).pipe(
        Layer.provideMerge(Lifeline.layer),
        Layer.merge(Layer.mock(Gateway, { arrive: () => assert.fail(), longestDrain: Effect.succeed(0) }))
      )
      const exit = yield* Effect.exit(launch(dying, { millis: 1_000, cut: Effect.void }))
      assert.isTrue(Exit.isFailure(exit))
      assert.match(JSON.stringify(exit), /the log has it as Deliveries\.defect/)
    }))
})
