/** Exactly what was said during a block is withheld, whatever the machine's clock does and whenever the server starts. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Context, Effect, Exit, Layer, Schema, Scope } from "effect"
import { TestClock } from "effect/testing"
import * as Conversation from "../../../src/domain/Conversation.ts"
import { UserId } from "../../../src/domain/Ids.ts"
import type { ServerFrame } from "../../../src/domain/ServerFrame.ts"
import { LogClock } from "../../../src/services/storage/LogClock.ts"
import { MemoryMessageStore } from "../../../src/services/storage/MemoryMessageStore.ts"
import { MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { actors, pass, settle, startUser } from "../../support/actors.ts"
import type { MemoryConnection } from "../../support/MemoryConnection.ts"
import { sqlite } from "../../support/stores.ts"

const alice = UserId.make("alice")
const mallory = UserId.make("mallory")
const direct = Conversation.direct(alice, mallory)

/** A clock on the wall that somebody sets; what sleeps is not woken by it. */
class WallClock implements Clock.Clock {
  offset = 1_000_000
  readonly #clock: Clock.Clock
  constructor(clock: Clock.Clock) {
    this.#clock = clock
  }
  currentTimeMillisUnsafe = () => this.#clock.currentTimeMillisUnsafe() + this.offset
  currentTimeMillis = Effect.sync(this.currentTimeMillisUnsafe)
  currentTimeNanosUnsafe = () => BigInt(this.currentTimeMillisUnsafe()) * 1_000_000n
  currentTimeNanos = Effect.sync(this.currentTimeNanosUnsafe)
  monotonicTimeNanosUnsafe = () => this.#clock.monotonicTimeNanosUnsafe()
  monotonicTimeNanos = Effect.sync(this.monotonicTimeNanosUnsafe)
  sleep(duration: Parameters<Clock.Clock["sleep"]>[0]) {
    return this.#clock.sleep(duration)
  }
}

const Step = Schema.Union([
  Schema.Struct({ do: Schema.Literals(["say", "say", "group", "edit", "block", "unblock", "restart", "pass"]) }),
  Schema.Struct({ do: Schema.Literal("set"), by: Schema.Literals([-600_000, -1_000, -1, 1, 600_000]) })
])
const steps = Schema.Array(Step).pipe(Schema.check(Schema.isMinLength(5), Schema.isMaxLength(30)))

type Text = { readonly word: string; readonly hidden: boolean }

const words = (frames: ReadonlyArray<ServerFrame>) =>
  frames.flatMap((frame) =>
    frame.type === "incoming_message" && frame.text !== undefined
      ? [frame.text]
      : frame.type === "message_edited" && frame.text !== undefined
      ? [frame.text]
      : []
  ).filter((text) => text.startsWith("word"))

/** A server on a store that outlives it. */
class Server {
  #scope: Scope.Closeable | undefined
  #context: Context.Context<any> | undefined
  readonly connections = new Map<UserId, MemoryConnection>()
  readonly #store: MessageStore["Service"]
  readonly #clock: WallClock
  constructor(store: MessageStore["Service"], clock: WallClock) {
    this.#store = store
    this.#clock = clock
  }

  readonly start = Effect.gen({ self: this }, function*() {
    if (this.#scope !== undefined) yield* Scope.close(this.#scope, Exit.void)
    this.#scope = yield* Scope.fork(yield* Effect.scope)
    this.#context = yield* Layer.buildWithScope(
      Layer.fresh(actors({}, Layer.succeed(MessageStore, this.#store))),
      this.#scope
    ).pipe(Effect.provideService(Clock.Clock, this.#clock))
    for (const user of [alice, mallory]) this.connections.set(user, yield* this.join(user, "phone"))
  })

  readonly join = Effect.fnUntraced({ self: this }, function*(user: UserId, device: string) {
    const { connection } = yield* Effect.provide(startUser(user, { level: "v1", device }), this.#context!)
    yield* settle
    return connection
  })

  readonly say = Effect.fnUntraced({ self: this }, function*(user: UserId, frame: object) {
    this.connections.get(user)!.send(frame)
    yield* settle
  })
}

const law = Effect.fnUntraced(function*(list: typeof steps.Type) {
  const clock = new WallClock(yield* Clock.Clock)
  const server = new Server(yield* MessageStore, clock)
  yield* server.start
  const heard: Array<string> = []
  const hear = () => heard.push(...words(server.connections.get(alice)!.take()))
  yield* server.say(mallory, { type: "chat_message", recipient: alice, text: "first", id: "first" })
  yield* server.say(alice, { type: "create_group", name: "tea", members: [mallory], id: "tea" })
  const info = server.connections.get(alice)!.heard.find((frame) => frame.type === "group_info")!
  const texts: Array<Text> = []
  let blocked = false
  for (const [i, step] of list.entries()) {
    const id = `${i}`
    const word = `word ${i}`
    switch (step.do) {
      case "set":
        clock.offset += step.by
        break
      case "pass":
        yield* TestClock.adjust(1)
        break
      case "block":
      case "unblock":
        blocked = step.do === "block"
        yield* server.say(alice, { type: step.do, user: mallory })
        break
      case "restart":
        hear()
        yield* server.start
        break
      case "say":
      case "group": {
        texts.push({ word, hidden: blocked })
        const to = step.do === "say" ? { recipient: alice } : { group: info.group }
        yield* server.say(mallory, { type: "chat_message", ...to, text: word, id })
        break
      }
      case "edit":
        // An edit is withheld by itself; the text shows it, so that goes with it.
        yield* server.say(mallory, { type: "edit_message", recipient: alice, seq: 1, text: "edited", id })
        break
    }
    hear()
  }
  const visible = texts.filter(({ hidden }) => !hidden).map(({ word }) => word)
  assert.deepStrictEqual([...new Set(heard)].sort(), [...visible].sort(), "live, and again after a restart")
  const fresh = yield* server.join(alice, "new")
  yield* pass(2_000)
  assert.deepStrictEqual(words(fresh.heard).sort(), [...visible].sort(), "in the backlog")
  fresh.take()
  for (const conversation of [direct, info.conversation]) {
    fresh.send({ type: "history", conversation, after: 0, limit: 100 })
  }
  yield* fresh.says({ type: "conversations" })
  const pages = fresh.heard.flatMap((frame) => frame.type === "history_page" ? frame.messages : [])
  const shown = pages.flatMap((entry) => entry.kind === "text" && entry.text?.startsWith("word") ? [entry.text] : [])
  assert.deepStrictEqual(shown.sort(), [...visible].sort(), "in history")
  const unread = fresh.heard.flatMap((frame) => frame.type === "conversation_list" ? frame.conversations : [])
    .reduce((sum, item) => sum + item.unread, 0)
  assert.strictEqual(unread, visible.length + 1, "unread, with the first of all")
})

describe("the time of the log", () => {
  for (
    const [name, store, runs] of [
      ["memory", MemoryMessageStore.layer(), 150] as const,
      ["sqlite", Layer.orDie(sqlite), 40] as const
    ]
  ) {
    it.effect.prop(
      `P4 P8 exactly what was said during a block is withheld, whatever the clock does, on ${name}`,
      [steps],
      ([list]) => law(list).pipe(Effect.provide(Layer.fresh(store)), Effect.scoped),
      { arbitrary: { runs }, timeout: 120_000 }
    )
  }

  it.effect("never goes back, and a block is later than all that was said before it", () =>
    Effect.gen(function*() {
      const clock = new WallClock(yield* Clock.Clock)
      const store = yield* MessageStore
      yield* store.setBlock(alice, mallory, true, 5_000_000)
      const time = yield* LogClock.pipe(
        Effect.provide(Layer.fresh(LogClock.layer)),
        Effect.provideService(Clock.Clock, clock)
      )
      assert.strictEqual(time.stamp(), 5_000_000)
      assert.strictEqual(time.boundary(), 5_000_001)
      assert.strictEqual(time.stamp(), 5_000_001)
      clock.offset = 6_000_000
      assert.strictEqual(time.stamp(), 6_000_000)
      clock.offset = 5_500_000
      assert.deepStrictEqual([time.stamp(), time.boundary(), time.boundary(), time.stamp()], [
        6_000_000,
        6_000_001,
        6_000_002,
        6_000_002
      ])
    }).pipe(Effect.provide(MemoryMessageStore.layer())))
})
