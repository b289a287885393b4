/** What a client does when its server is about to stop: it goes on, and goes elsewhere when its time has come. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Random } from "effect"
import { TestClock } from "effect/testing"
import { OpenFailed } from "../../src/client/Transport.ts"
import type { ClientState } from "../../src/client/types.ts"
import * as CloseCode from "../../src/domain/CloseCode.ts"
import { includes } from "../support/includes.ts"
import {
  due,
  incoming,
  ready as readyClient,
  type Stage,
  type StageOptions,
  welcome
} from "../support/ScriptedServer.ts"

/** Waits as long as it can, where a wait is drawn here. */
const ready = (options?: StageOptions) =>
  Effect.provideService(readyClient(options), Random.Random, {
    nextDoubleUnsafe: () => 0.999_999,
    nextIntUnsafe: () => 0
  })

const draining = (reconnect_after_ms: unknown) => ({ type: "draining", reconnect_after_ms })

const tags = (states: ReadonlyArray<ClientState>) => states.map(({ _tag }) => _tag)

/** So many milliseconds on a line that is alive. */
const pass = Effect.fnUntraced(function*({ server }: Pick<Stage, "server">, millis: number) {
  for (let rest = millis; rest > 0; rest -= 20_000) {
    yield* TestClock.adjust(Math.min(rest, 20_000))
    yield* server.last().tell({ type: "ping" })
  }
})

describe("draining", () => {
  it.effect("is no reason to stop: until its time has come, the client talks and listens where it is", () =>
    Effect.gen(function*() {
      const { client, events, server, states } = yield* ready()
      const [line] = server.lines
      yield* line!.tell(draining(4_321))
      yield* TestClock.adjust(4_320)
      const sending = yield* Effect.forkScoped(client.send({ recipient: "bob" }, "hello"))
      yield* due
      line!.accept(line!.take("chat_message"), 1)
      yield* line!.tell(incoming(2))
      assert.strictEqual(sending.pollUnsafe()?._tag, "Success")
      assert.isTrue(events.some(({ type }) => type === "incoming_message"))
      assert.isFalse(line!.abandoned)
      yield* TestClock.adjust(1)
      assert.isTrue(line!.abandoned)
      assert.lengthOf(server.lines, 2)
      yield* server.welcome
      yield* pass({ server }, 60_000)
      assert.lengthOf(server.lines, 2)
      // Nobody was ever told that there is no connection.
      assert.deepStrictEqual(tags(states), ["Connecting", "Ready", "Ready"])
    }))

  it.effect("it leaves before it comes elsewhere, where a device that comes takes the place of its older connection", () =>
    Effect.gen(function*() {
      const { server } = yield* ready()
      yield* server.last().tell(draining(1_000))
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(server.lines.map(({ isOnly }) => isOnly), [true, true])
    }))

  it.effect("P3 what is under way has a second and a half for its answer, and is said again elsewhere under the same name", () =>
    Effect.gen(function*() {
      const { client, server } = yield* ready()
      const [line] = server.lines
      yield* Effect.forkScoped(client.send({ recipient: "bob" }, "first"))
      yield* line!.tell(draining(1_000))
      yield* TestClock.adjust("2 seconds")
      assert.isFalse(line!.abandoned)
      line!.accept(line!.take("chat_message"), 1)
      yield* TestClock.adjust(50)
      assert.isTrue(line!.abandoned)

      yield* server.welcome
      const [, other] = server.lines
      const sending = yield* Effect.forkScoped(client.send({ recipient: "bob" }, "second"))
      yield* other!.tell(draining(1_000))
      const said = other!.take("chat_message")
      yield* TestClock.adjust(2_499)
      assert.isFalse(other!.abandoned)
      yield* pass({ server }, 5_000)
      assert.isTrue(other!.abandoned)
      yield* server.welcome
      assert.deepStrictEqual(server.last().take("chat_message"), said)
      server.last().accept(said, 2)
      yield* due
      assert.strictEqual(sending.pollUnsafe()?._tag, "Success")
    }))

  it.effect("closed before its time, it waits for what is left of it outside", () =>
    Effect.gen(function*() {
      const { last, server } = yield* ready()
      yield* server.last().tell(draining(4_000))
      yield* TestClock.adjust(1_500)
      server.last().close(CloseCode.Draining.code)
      yield* due
      includes(last(), { _tag: "Reconnecting", delayMillis: 2_500, reason: "draining" })
      yield* TestClock.adjust(2_499)
      assert.lengthOf(server.lines, 1)
      yield* TestClock.adjust(1)
      assert.lengthOf(server.lines, 2)
    }))

  it.effect("closed after its time, while it waits for an answer, it is elsewhere at once", () =>
    Effect.gen(function*() {
      const { client, server, states } = yield* ready()
      yield* Effect.forkScoped(client.send({ recipient: "bob" }, "hello"))
      yield* server.last().tell(draining(100))
      yield* TestClock.adjust(1_000)
      server.last().close(CloseCode.Draining.code)
      yield* due
      yield* server.welcome
      server.last().take("chat_message")
      assert.deepStrictEqual(tags(states), ["Connecting", "Ready", "Ready"])
    }))

  it.effect("a line that breaks meanwhile does not keep it outside until then", () =>
    Effect.gen(function*() {
      const { last, server } = yield* ready()
      yield* server.last().tell(draining(60_000))
      server.last().close(1006)
      yield* due
      includes(last(), { _tag: "Reconnecting", delayMillis: 500 })
    }))

  it.effect("said twice, the latest word counts", () =>
    Effect.gen(function*() {
      const { server } = yield* ready()
      yield* server.last().tell(draining(15_000), draining(1_000))
      yield* TestClock.adjust("1 second")
      assert.lengthOf(server.lines, 2)
      yield* server.welcome
      yield* server.last().tell(draining(1_000))
      yield* TestClock.adjust(500)
      yield* server.last().tell(draining(5_000))
      yield* TestClock.adjust(4_999)
      assert.lengthOf(server.lines, 2)
      yield* TestClock.adjust(1)
      assert.lengthOf(server.lines, 3)
    }))

  for (const [name, millis] of [["none", 0], ["a time that is over", -5], ["no number", "soon"]] as const) {
    it.effect(`${name}: it goes at once`, () =>
      Effect.gen(function*() {
        const { server, states } = yield* ready()
        yield* server.last().tell(draining(millis))
        assert.lengthOf(server.lines, 2)
        yield* server.welcome
        assert.deepStrictEqual(tags(states), ["Connecting", "Ready", "Ready"])
      }))
  }

  it.effect("a time that is too long is ten minutes", () =>
    Effect.gen(function*() {
      const stage = yield* ready()
      yield* stage.server.last().tell(draining(1e15))
      yield* pass(stage, 599_999)
      assert.lengthOf(stage.server.lines, 1)
      yield* TestClock.adjust(1)
      assert.lengthOf(stage.server.lines, 2)
    }))

  it.effect("servers that stop one after the other send it on, and each time it is elsewhere at once", () =>
    Effect.gen(function*() {
      const { server, states } = yield* ready()
      for (let i = 0; i < 6; i++) {
        yield* TestClock.adjust("8 seconds")
        yield* server.last().tell(draining(1_000))
        yield* TestClock.adjust("1 second")
        yield* server.welcome
      }
      assert.lengthOf(server.lines, 7)
      assert.deepStrictEqual(new Set(tags(states).slice(1)), new Set(["Ready"]))
    }))

  it.effect("a server that sends on whoever comes is asked less and less often", () =>
    Effect.gen(function*() {
      const { server, states } = yield* ready()
      for (const delay of [0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000]) {
        const opened = server.lines.length
        yield* server.last().tell(draining(0))
        if (delay > 0) {
          yield* TestClock.adjust(delay - 1)
          assert.lengthOf(server.lines, opened)
          yield* TestClock.adjust(1)
        }
        assert.lengthOf(server.lines, opened + 1)
        yield* server.welcome
      }
      assert.strictEqual(tags(states).filter((tag) => tag === "Reconnecting").length, 6)
    }))

  it.effect("where nobody takes it in at once, that is said: refused, or after two seconds", () =>
    Effect.gen(function*() {
      const { last, server, states } = yield* ready()
      yield* server.last().tell(draining(0))
      yield* TestClock.adjust(1_999)
      assert.strictEqual(last()._tag, "Ready")
      yield* TestClock.adjust(1)
      includes(last(), { _tag: "Reconnecting", attempt: 1, delayMillis: 0, reason: "draining" })
      server.last().say(welcome)
      yield* TestClock.adjust("6 seconds")
      assert.deepStrictEqual(tags(states), ["Connecting", "Ready", "Reconnecting", "Ready"])
      server.refuse = new OpenFailed({ message: "It stops.", permanent: false, status: 503, retryAfterMillis: 1_000 })
      yield* server.last().tell(draining(0))
      includes(last(), { _tag: "Reconnecting", reason: "It stops." })
    }))
})
