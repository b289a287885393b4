/** P9: a search is dear, and its price is paid by whoever searches. */
import { assert, describe } from "@effect/vitest"
import { Context, Effect, Fiber, Layer } from "effect"
import type { TextEntry } from "../../../src/domain/entries/Text.ts"
import { ConversationId, MessageId, UserId } from "../../../src/domain/Ids.ts"
import type { ServerFrame } from "../../../src/domain/ServerFrame.ts"
import { SearchAdmin } from "../../../src/services/admin/SearchAdmin.ts"
import { maxWaitingSearches } from "../../../src/services/search/Searches.ts"
import { MemoryMessageStore } from "../../../src/services/storage/MemoryMessageStore.ts"
import { MessageStore, StoreError } from "../../../src/services/storage/MessageStore.ts"
import { Search, type SearchOptions, type SearchPage } from "../../../src/services/storage/Search.ts"
import { actors, join, pass, settle, story } from "../../support/actors.ts"
import type { MemoryConnection } from "../../support/MemoryConnection.ts"
import { memoryWith } from "../../support/stores.ts"

const conversation = ConversationId.make("dm:alice:bob")

const text = (seq: number): TextEntry => ({
  kind: "text",
  seq,
  message_id: MessageId.make(`m${seq}`),
  sender: UserId.make("bob"),
  at: seq,
  text: `tea ${seq}`
})

const page = (seqs: ReadonlyArray<number>, next?: number): SearchPage => ({
  found: seqs.map((seq) => ({ conversation, entry: text(seq) })),
  ...(next === undefined ? undefined : { next: { at: next, conversation, seq: next } })
})

/** The store in memory, searched in another way. */
const searchedBy = (find: (options: SearchOptions) => Effect.Effect<SearchPage, StoreError>) =>
  Layer.effectContext(
    Effect.map(MessageStore, (store) =>
      Context.make(MessageStore, store).pipe(Context.add(Search, { find, fill: Effect.succeed(0) })))
  ).pipe(Layer.provide(MemoryMessageStore.layer()))

const asked = <Frame extends object>(frame: Frame) => ({ type: "search", query: "tea", ...frame })

const results = (who: MemoryConnection) => who.all("search_result")

const seqsOf = (frame: ServerFrame) => frame.type === "search_result" ? frame.hits.map(({ seq }) => seq) : frame

/** Each look takes so long. */
const slow = (millis: number, answer: SearchPage = page([1])) =>
  searchedBy(() => Effect.delay(Effect.succeed(answer), millis))

describe("Searches", () => {
  story("a store without an index: the server says that it cannot search", function*() {
    const alice = yield* join("alice")
    const refused = yield* alice.ask(asked({}), "error")
    assert.deepStrictEqual([refused.code, refused.temporary], ["unknown_type", false])
    assert.match(refused.message, /^This server cannot search/)
    assert.isFalse((yield* SearchAdmin).enabled)
  }, actors({}, memoryWith(() => ({}))))

  for (
    const [mood, find] of [
      ["fails", () => Effect.fail(new StoreError({ kind: "unavailable", message: "It is away." }))],
      ["dies", () => Effect.die(new Error("a mistake in the index"))],
      ["throws", () => {
        throw new Error("a mistake in the index")
      }]
    ] as const
  ) {
    story(`an index that ${mood}: the search is unavailable, and all else goes on`, function*() {
      const alice = yield* join("alice")
      const refused = yield* alice.ask(asked({}), "error")
      assert.deepStrictEqual([refused.code, refused.temporary], ["unavailable", true])
      yield* alice.ask({ type: "chat_message", recipient: "bob", text: "tea" }, "message_accepted")
    }, actors({}, searchedBy(find)))
  }

  story(
    "an index that is silent is given up in time; meanwhile everybody writes, and then others have their turns",
    function*() {
      const [alice, bob, carol] = [yield* join("alice"), yield* join("bob"), yield* join("carol")]
      for (const each of [alice, bob]) yield* each.says(asked({ id: "s" }))
      yield* carol.says(asked({ id: "waits" }))
      yield* alice.ask({ type: "chat_message", recipient: "bob", text: "tea" }, "message_accepted")
      yield* pass("5 seconds")
      const unavailable = (who: MemoryConnection) => who.all("error").map(({ code }) => code)
      for (const each of [alice, bob]) assert.deepStrictEqual(unavailable(each), ["unavailable"])
      yield* pass("5 seconds")
      assert.deepStrictEqual(unavailable(carol), ["unavailable"])
    },
    actors({}, searchedBy(() => Effect.never))
  )

  story("one search of a user at a time, in turns of the users, and past a bound they are refused", function*() {
    const [greedy, modest] = [yield* join("greedy"), yield* join("modest")]
    const frames = Array.from({ length: maxWaitingSearches + 4 }, (_, i) => asked({ id: `g${i}` }))
    yield* greedy.says(...frames)
    const refused = greedy.all("error")
    assert.deepStrictEqual(refused.map(({ code }) => code), ["overloaded", "overloaded", "overloaded"])
    assert.deepStrictEqual<unknown>(refused.map(({ id }) => id), frames.slice(-3).map(({ id }) => id))
    yield* modest.says(asked({ id: "m" }))
    yield* pass(10)
    assert.lengthOf(results(modest), 1)
    assert.lengthOf(results(greedy), 1)
    for (let i = 0; i < maxWaitingSearches; i++) yield* pass(10)
    assert.deepStrictEqual<unknown>(
      results(greedy).map(({ id }) => id),
      frames.slice(0, maxWaitingSearches + 1).map(({ id }) => id)
    )
    yield* pass("1 second")
    yield* greedy.ask({ type: "ping" }, "pong")
    assert.isFalse(greedy.paused)
  }, actors({ maxMessagesPerSecond: 0, maxMessagesPerSecondPerUser: 0 }, slow(10)))

  {
    let looks = 0
    const counting = searchedBy(() => {
      looks++
      return Effect.delay(Effect.succeed(page([1])), 10)
    })
    story("what waits for somebody who has left is not looked for", function*() {
      const alice = yield* join("alice")
      yield* alice.says(...Array.from({ length: 8 }, () => asked({})))
      yield* alice.gone
      yield* pass("1 second")
      assert.strictEqual(looks, 1)
    }, actors({}, counting))
  }

  {
    const looks: Array<SearchOptions> = []
    const rare = searchedBy((options) => {
      looks.push(options)
      const from = options.after?.seq ?? 1_000
      return Effect.succeed(from <= 10 ? page([]) : page(from % 100 === 0 ? [from - 50] : [], from - 10))
    })
    story("few hits: the store is asked again and again for one answer, until it is full", function*() {
      const alice = yield* join("alice")
      const full = yield* alice.ask(asked({ limit: 3 }), "search_result")
      assert.deepStrictEqual(seqsOf(full), [950, 850, 750])
      assert.isString(full.cursor)
      assert.deepStrictEqual(looks.map(({ limit }) => limit).slice(0, 3), [3, 2, 2])
      const rest = yield* alice.ask(asked({ limit: 100, cursor: full.cursor }), "search_result")
      assert.deepStrictEqual([seqsOf(rest), rest.cursor], [[650, 550, 450, 350, 250, 150, 50], undefined])
    }, actors({}, rare))
  }

  story("one that takes its time is answered with what there is and a cursor, also with nothing", function*() {
    const alice = yield* join("alice")
    yield* alice.says(asked({ id: "s" }))
    yield* pass(15)
    yield* pass(15)
    assert.isEmpty(results(alice))
    yield* pass(15)
    const [first] = results(alice)
    assert.deepStrictEqual(first!.hits, [])
    assert.isString(first!.cursor)
  }, actors({}, searchedBy(({ after }) => Effect.delay(Effect.succeed(page([], (after?.seq ?? 1_000) - 1)), 15))))

  story("the time that it took is owed afterwards", function*() {
    const alice = yield* join("alice")
    yield* alice.says(asked({ id: "s" }))
    yield* pass(35)
    assert.lengthOf(results(alice), 1)
    const refused = yield* alice.ask({ type: "ping" }, "error")
    assert.strictEqual(refused.code, "rate_limited")
    assert.isAbove(refused.retry_after_ms!, 0)
    yield* pass("5 seconds")
    yield* alice.ask({ type: "ping" }, "pong")
  }, actors({ maxMessagesPerSecond: 100 }, slow(35)))

  story("the operator's searches take turns, too, and are refused past the bound", function*() {
    const admin = yield* SearchAdmin
    const alice = yield* join("alice")
    const searches = yield* Effect.forkScoped(
      Effect.forEach(
        Array.from({ length: maxWaitingSearches + 3 }, (_, i) => i),
        () => Effect.result(admin.find({ query: "tea" })),
        { concurrency: "unbounded" }
      )
    )
    yield* settle
    yield* alice.says(asked({ id: "s" }))
    yield* pass(10)
    assert.lengthOf(results(alice), 1)
    for (let i = 0; i < maxWaitingSearches; i++) yield* pass(10)
    const ended = yield* Fiber.join(searches)
    assert.strictEqual(ended.filter(({ _tag }) => _tag === "Failure").length, 2)
  }, actors({}, slow(10)))
})
