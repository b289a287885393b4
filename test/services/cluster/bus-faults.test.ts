/** A bus whose lines are cut, go silent or lead nowhere, and a channel into which others write. */
import * as PgClient from "@effect/sql-pg/PgClient"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Queue, Redacted, type Scope } from "effect"
import { Bus } from "../../../src/services/cluster/Bus.ts"
import { RedisBus } from "../../../src/services/cluster/RedisBus.ts"
import * as behind from "../../support/busProxies.ts"
import { hasPostgres, postgresUrl } from "../../support/postgres.ts"
import { hasRedis, redisClient } from "../../support/redis.ts"
import { until } from "../../support/until.ts"

type Member = Bus["Service"]

const member = <E, R>(layer: Layer.Layer<Bus, E, R>): Effect.Effect<Member, E, R | Scope.Scope> =>
  Effect.map(Layer.build(Layer.fresh(layer)), (context) => Context.get(context, Bus))

const gap = Effect.fnUntraced(function*(bus: Member) {
  while ((yield* Queue.take(bus.events))._tag !== "Gap") { /* What was heard before it. */ }
})

const message = Effect.fnUntraced(function*(bus: Member) {
  while (true) {
    const event = yield* Queue.take(bus.events)
    if (event._tag === "Heard") return event.message
  }
})

const isHealthy = (bus: Member) => until(bus.healthy)
const isNotHealthy = (bus: Member) => until(Effect.map(bus.healthy, (healthy) => !healthy))

/** What one says is heard by both. */
const works = Effect.fnUntraced(function*(one: Member, two: Member, text: string) {
  yield* isHealthy(one)
  yield* isHealthy(two)
  one.publish(text)
  for (const bus of [one, two]) while ((yield* message(bus)) !== text) { /* Older ones. */ }
})

const rubbish = [
  "",
  "=",
  "?",
  "|",
  "a.0|",
  "a.0|zzz=",
  "a.0|3=abcd",
  "a.0|3<abc",
  "a.1|3>abc",
  "a.1|3+abc",
  "b.9|zz<" + "x".repeat(100),
  "?" + "x".repeat(1_000),
  "{\"h\":1}",
  "[".repeat(5_000),
  "\u0001\ud83e"
]

interface Under {
  readonly proxy: typeof behind.redis.proxy
  readonly layer: typeof behind.postgres.layer | typeof behind.redis.layer
  readonly says: (channel: string, messages: ReadonlyArray<string>) => Effect.Effect<void, unknown, Scope.Scope>
  /** How the bus would write a text itself. */
  readonly written: (text: string) => string
}

const faults = (name: string, { layer, proxy, says, written }: Under) => {
  const test = (
    what: string,
    body: (channel: string, two: Layer.Layer<Bus, unknown, behind.Proxy>) => Effect.Effect<
      void,
      unknown,
      behind.Proxy | Scope.Scope
    >
  ) => {
    const channel = `sbt_faults_${name}_${what.length}`
    it.live(what, () => body(channel, layer(channel)).pipe(Effect.provide(proxy)), 60_000)
  }

  test(
    "lines that are cut: a Gap, and it works again",
    Effect.fnUntraced(function*(_, layer) {
      const lines = yield* behind.Proxy
      const [one, two] = [yield* member(layer), yield* member(layer)]
      yield* works(one, two, "before")
      for (let i = 0; i < 3; i++) {
        lines.reset()
        yield* gap(one)
        yield* gap(two)
        yield* works(one, two, `after ${i}`)
        assert.strictEqual(lines.open(), 4)
      }
    })
  )

  test(
    "lines that go silent while new ones work: not healthy, a Gap, and it works again",
    Effect.fnUntraced(
      function*(_, layer) {
        const lines = yield* behind.Proxy
        const [one, two] = [yield* member(layer), yield* member(layer)]
        yield* works(one, two, "before")
        lines.silence()
        yield* isNotHealthy(one)
        yield* gap(one)
        yield* gap(two)
        yield* works(one, two, "after")
        assert.strictEqual(lines.open(), 4)
      }
    )
  )

  test(
    "all lines go silent, and new ones too: not healthy within 8 s, and it comes back",
    Effect.fnUntraced(
      function*(_, layer) {
        const lines = yield* behind.Proxy
        const [one, two] = [yield* member(layer), yield* member(layer)]
        yield* works(one, two, "before")
        lines.silenceAll()
        yield* Effect.timeoutOrElse(Effect.andThen(isNotHealthy(one), isNotHealthy(two)), {
          duration: "8 seconds",
          orElse: () => Effect.die("it is still healthy")
        })
        for (let i = 0; i < 1_000; i++) one.publish(`meanwhile ${i}`)
        assert.isFalse(yield* one.healthy)
        lines.pass()
        yield* gap(one)
        yield* gap(two)
        yield* works(one, two, "after")
      }
    )
  )

  test(
    "it is away when the server starts: that does not wait, and the bus comes later",
    Effect.fnUntraced(
      function*(_, layer) {
        const lines = yield* behind.Proxy
        lines.refuse()
        const [one, two] = [yield* member(layer), yield* member(layer)]
        one.publish("early")
        assert.isFalse(yield* one.healthy)
        assert.strictEqual(yield* Queue.size(one.events), 0)
        lines.pass()
        yield* gap(one)
        yield* gap(two)
        yield* works(one, two, "later")
      }
    )
  )

  test(
    "P9 others write rubbish into the channel: it goes on",
    Effect.fnUntraced(function*(channel, layer) {
      const [one, two] = [yield* member(layer), yield* member(layer)]
      yield* works(one, two, "before")
      yield* says(channel, rubbish)
      yield* says(channel, [written("foreign")])
      for (const bus of [one, two]) {
        while ((yield* message(bus)) !== "foreign") { /* What of the rubbish looks as if it were ours. */ }
      }
      yield* works(one, two, "after")
    })
  )

  test(
    "ends while its lines are silent, in time",
    Effect.fnUntraced(function*(_, layer) {
      const lines = yield* behind.Proxy
      yield* Effect.scoped(Effect.gen(function*() {
        const [one, two] = [yield* member(layer), yield* member(layer)]
        yield* works(one, two, "before")
        lines.silenceAll()
        one.publish("last")
      })).pipe(Effect.timeoutOrElse({ duration: "3 seconds", orElse: () => Effect.die("it does not end") }))
    })
  )

  test(
    "what was published last is heard when its publisher ends at once",
    Effect.fnUntraced(function*(_, layer) {
      const two = yield* member(layer)
      yield* Effect.scoped(Effect.gen(function*() {
        const one = yield* member(layer)
        yield* works(one, two, "before")
        for (let i = 0; i < 100; i++) one.publish(`more ${i}`)
        one.publish("bye")
      }))
      while ((yield* message(two)) !== "bye") { /* Those before it. */ }
    })
  )
}

describe.skipIf(!hasPostgres)("postgres", () => {
  faults("postgres", {
    ...behind.postgres,
    says: (channel, messages) =>
      Effect.gen(function*() {
        const client = yield* PgClient.PgClient
        // An empty payload is one, too.
        for (const message of messages) yield* Effect.ignore(client.notify(channel, message))
      }).pipe(Effect.provide(PgClient.layer({ url: postgresUrl, maxConnections: 1 }))),
    written: (text) => `foreign.0|${text.length.toString(36)}=${text}`
  })
})

describe.skipIf(!hasRedis)("redis", () => {
  faults("redis", {
    ...behind.redis,
    says: (channel, messages) =>
      Effect.flatMap(
        redisClient,
        (client) => Effect.promise(() => Promise.all(messages.map((message) => client.publish(channel, message))))
      ),
    written: (text) => `=${text}`
  })

  for (
    const url of ["", "nonsense", "http://:secret@localhost", "redis://:secret@localhost/x", "redis://:%zz@secret"]
  ) {
    it.live(`a URL that can never work is an error at once, and is not repeated: ${url}`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(member(RedisBus.layer({ url: Redacted.make(url), channel: "sbt" })))
        assert.strictEqual(error._tag, "BusError")
        assert.notInclude(String(error), "secret")
        assert.match(error.message, /^The URL of Redis cannot be read; .*\.$/)
      }).pipe(Effect.scoped))
  }
})
