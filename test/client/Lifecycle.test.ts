/** When the client comes back, how soon, and when it does not. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Random } from "effect"
import { TestClock } from "effect/testing"
import { spread } from "../../src/client/Reconnect.ts"
import { OpenFailed } from "../../src/client/Transport.ts"
import type { ClientState } from "../../src/client/types.ts"
import * as CloseCode from "../../src/domain/CloseCode.ts"
import { includes } from "../support/includes.ts"
import {
  due,
  ready as readyClient,
  type StageOptions,
  start as startClient,
  welcome
} from "../support/ScriptedServer.ts"

/** Always draws the same number, so that a wait is as long as it can be. */
const draw = (value: number) =>
  Effect.provideService(Random.Random, { nextDoubleUnsafe: () => value, nextIntUnsafe: () => 0 })

/** Waits as long as it can. */
const start = (options?: StageOptions) => draw(0.999_999)(startClient(options))
const ready = (options?: StageOptions) => draw(0.999_999)(readyClient(options))

const delays = (states: ReadonlyArray<ClientState>) =>
  states.flatMap((state) => state._tag === "Reconnecting" ? [state.delayMillis] : [])

const unreachable = new OpenFailed({ message: "the server cannot be reached", permanent: false })

describe("coming back", () => {
  it.effect("waits up to half a second, twice as long each time, never more than half a minute", () =>
    Effect.gen(function*() {
      const { server, states } = yield* start()
      server.refuse = unreachable
      server.last().close(1006)
      yield* TestClock.adjust("5 minutes")
      assert.deepStrictEqual(delays(states).slice(0, 9), [
        500,
        1_000,
        2_000,
        4_000,
        8_000,
        16_000,
        30_000,
        30_000,
        30_000
      ])
      includes(states[4], { _tag: "Reconnecting", attempt: 4, reason: "the server cannot be reached" })
    }))

  it.effect("only a minute of connection makes the waits short again, a welcome alone does not", () =>
    Effect.gen(function*() {
      const { server, states } = yield* start()
      for (const delay of [500, 1_000, 2_000]) {
        // A server that greets everybody and then makes a mistake is asked less and less often.
        yield* server.welcome
        server.last().close(CloseCode.InternalError.code)
        yield* TestClock.adjust(delay)
      }
      assert.deepStrictEqual(delays(states), [500, 1_000, 2_000])
      const before = states.length
      server.last().say(welcome)
      for (let i = 0; i < 3; i++) {
        yield* TestClock.adjust("20 seconds")
        yield* server.last().tell({ type: "ping" })
      }
      server.last().close(1006)
      yield* due
      assert.deepStrictEqual(delays(states.slice(before)), [500])
    }))

  it.effect("a server that says no welcome is left after ten seconds", () =>
    Effect.gen(function*() {
      const { last, server } = yield* start()
      yield* TestClock.adjust(9_999)
      assert.isFalse(server.last().abandoned)
      yield* TestClock.adjust(1)
      assert.isTrue(server.lines[0]!.abandoned)
      includes(last(), { _tag: "Reconnecting", reason: "the server sent no welcome" })
    }))

  it.effect("a dead line is asked once and then left, though it never admits it", () =>
    Effect.gen(function*() {
      const { last, server } = yield* ready()
      const [line] = server.lines
      yield* TestClock.adjust(29_999)
      assert.isEmpty(line!.said)
      yield* TestClock.adjust(1)
      line!.take("ping")
      yield* TestClock.adjust(9_999)
      assert.isFalse(line!.abandoned)
      yield* TestClock.adjust(1)
      assert.isTrue(line!.abandoned)
      includes(last(), { _tag: "Reconnecting", reason: "the server has been silent for too long" })
    }))

  it.effect("any frame is a sign of life", () =>
    Effect.gen(function*() {
      const { last, server } = yield* ready()
      for (let i = 0; i < 10; i++) {
        yield* TestClock.adjust("25 seconds")
        yield* server.last().tell({ type: "ping" })
      }
      assert.isEmpty(server.last().said)
      assert.strictEqual(last()._tag, "Ready")
    }))

  it.effect("comes back exactly when a server that stops has asked for", () =>
    Effect.gen(function*() {
      const { last, server } = yield* ready()
      server.last().say({ type: "draining", reconnect_after_ms: 4_321 })
      server.last().close(CloseCode.Draining.code)
      yield* due
      includes(last(), { _tag: "Reconnecting", delayMillis: 4_321, reason: "draining" })
      yield* TestClock.adjust(4_321)
      assert.lengthOf(server.lines, 2)
    }))

  it.effect("waits at least as long as a refusal says, and not as long as everybody else who was refused", () =>
    Effect.gen(function*() {
      const { last, server } = yield* start()
      server.refuse = new OpenFailed({ message: "Too many.", permanent: false, status: 429, retryAfterMillis: 7_000 })
      server.last().close(1006)
      yield* TestClock.adjust("1 second")
      includes(last(), { delayMillis: 10_500, reason: "Too many." })
      const decision = { _tag: "Again", reason: "", code: 503, afterMillis: 1_000, drawn: false } as const
      assert.deepStrictEqual([0, 0.5, 0.999].map((random) => spread(decision, 0, random)), [1_000, 1_250, 1_500])
      assert.strictEqual(spread(decision, 6, 0.5), 16_000)
    }))

  it.effect("the clock on the wall may be set: neither silence nor waits are counted by it", () =>
    Effect.gen(function*() {
      const clock = yield* Clock.Clock
      let set = 0
      const wall = { ...clock, currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe() + set }
      const { last, server } = yield* ready().pipe(
        Effect.provideService(Clock.Clock, {
          ...wall,
          currentTimeMillis: Effect.sync(wall.currentTimeMillisUnsafe)
        })
      )
      const [line] = server.lines
      set = 3_600_000
      yield* TestClock.adjust("29 seconds")
      assert.isEmpty(line!.said)
      set = -3_600_000
      yield* TestClock.adjust("1 second")
      line!.take("ping")
      yield* TestClock.adjust("10 seconds")
      includes(last(), { _tag: "Reconnecting", reason: "the server has been silent for too long" })
    }))

  it.effect("when the network is back it does not wait, and a line that does not answer then is left", () =>
    Effect.gen(function*() {
      const { client, last, server } = yield* ready()
      server.refuse = unreachable
      server.last().close(1006)
      yield* TestClock.adjust("1 minute")
      server.refuse = undefined
      yield* client.wake
      yield* due
      yield* server.welcome
      assert.strictEqual(last()._tag, "Ready")
      const line = server.last()
      yield* TestClock.adjust("1 second")
      yield* client.wake
      yield* due
      line.take("ping")
      yield* TestClock.adjust("5 seconds")
      assert.isTrue(line.abandoned)
      includes(last(), { _tag: "Reconnecting", reason: "the line is dead" })
    }))
})

describe("close codes", () => {
  for (const { code, reason, reconnect } of CloseCode.all) {
    it.effect(`${code} ${reason}: ${reconnect ? "comes back" : "does not come back"}`, () =>
      Effect.gen(function*() {
        const { last, server } = yield* ready()
        server.last().close(code)
        yield* TestClock.adjust("1 second")
        assert.lengthOf(server.lines, reconnect ? 2 : 1)
        if (!reconnect) assert.deepStrictEqual(last(), { _tag: "Closed", reason, code })
      }))
  }

  it.effect("expired credentials: comes back with fresh ones, if it can get some", () =>
    Effect.gen(function*() {
      let made = 0
      const { server } = yield* ready({ credentials: { _tag: "Ticket", ticket: () => `t${++made}` } })
      server.last().close(CloseCode.CredentialsExpired.code)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(server.last().request.url, "ws://test/ws?device=phone&ticket=t2")
    }))

  it.effect("a replacement is not believed while an attempt that was given up may still be under way", () =>
    Effect.gen(function*() {
      const { last, server } = yield* start()
      yield* TestClock.adjust("11 seconds")
      yield* server.welcome
      server.last().close(CloseCode.Replaced.code)
      yield* TestClock.adjust("1 second")
      server.last().say(welcome)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(last()._tag, "Ready")
    }))
})

describe("credentials", () => {
  it.effect("are fresh for each attempt", () =>
    Effect.gen(function*() {
      let made = 0
      const ticket = () => Promise.resolve(`t&${++made}`)
      const { server } = yield* start({ credentials: { _tag: "Ticket", ticket } })
      yield* TestClock.adjust("1 second")
      server.last().close(1006)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(server.lines.map(({ request }) => request.url), [
        "ws://test/ws?device=phone&ticket=t%261",
        "ws://test/ws?device=phone&ticket=t%262"
      ])
    }))

  it.effect("that cannot be had now are asked for again; an error that is permanent ends the client", () =>
    Effect.gen(function*() {
      let permanent = false
      const ticket = () => Promise.reject(Object.assign(new Error("Sign in again."), { permanent }))
      const { last, server } = yield* start({ credentials: { _tag: "Ticket", ticket } })
      yield* TestClock.adjust("1 minute")
      includes(last(), { _tag: "Reconnecting", reason: "Sign in again." })
      permanent = true
      yield* TestClock.adjust("1 minute")
      includes(last(), { _tag: "Closed", reason: "Sign in again." })
      assert.isEmpty(server.lines)
    }))

  it.effect("that were refused as stale are made once more, not forever", () =>
    Effect.gen(function*() {
      let made = 0
      const { last, server } = yield* start({ credentials: { _tag: "Ticket", ticket: () => `t${++made}` } })
      server.refuse = new OpenFailed({ message: "No.", permanent: true, status: 401 })
      server.last().close(1006)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual([made, last()], [3, { _tag: "Closed", reason: "No.", code: 401 }])
    }))

  it.effect("of somebody else end the client: nobody says what another wrote", () =>
    Effect.gen(function*() {
      const { last, server } = yield* ready()
      server.last().close(1006)
      yield* TestClock.adjust("1 second")
      yield* server.last().tell({ ...welcome, user: "eve" })
      includes(last(), { _tag: "Closed", reason: "The credentials are eve's, not alice's" })
    }))
})

describe("close", () => {
  it.effect("leaves the line, and everything fails from then on", () =>
    Effect.gen(function*() {
      const { client, last, server } = yield* ready()
      yield* client.close
      assert.isTrue(server.last().abandoned)
      includes(last(), { _tag: "Closed", reason: "it was closed" })
      includes(yield* Effect.flip(client.send({ recipient: "bob" }, "hello")), {
        _tag: "ClientError",
        reason: "closed"
      })
      yield* TestClock.adjust("1 minute")
      assert.lengthOf(server.lines, 1)
    }))
})
