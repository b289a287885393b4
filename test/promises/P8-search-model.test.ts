/**
 * P8 as one law: whatever has happened, a search finds what `history` shows whoever asks, and nothing else. Random messages,
 * edits, deletions, blocks and their ends, members who come and go, erasures and retention, on each store.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Random } from "effect"
import { UserId } from "../../src/domain/Ids.ts"
import { match, parseQuery } from "../../src/domain/search/query.ts"
import type { ServerFrame } from "../../src/domain/ServerFrame.ts"
import { SearchAdmin } from "../../src/services/admin/SearchAdmin.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import { UserActors } from "../../src/services/user/UserActors.ts"
import { actors, identity } from "../support/actors.ts"
import { MemoryConnection } from "../support/MemoryConnection.ts"
import { stores } from "../support/stores.ts"

const names = ["alice", "bob", "carol", "mallory"] as const
const words = ["tea", "teapot", "Täglich", "green", "茶道具", "https://example.com", "1984"]
const queries = ["tea", "te", "taglich green", "\"green tea\"", "道具", "example", "\"tea\"", "1984 茶道"]

const turns = 120

const pick = <A>(all: ReadonlyArray<A>) => Effect.map(Random.nextIntBetween(0, all.length - 1), (i) => all[i]!)

const sentence = Effect.map(
  Effect.forEach(Array.from({ length: 3 }), () => pick(words)),
  (some) => some.join(" ")
)

type Page = Extract<ServerFrame, { readonly type: "history_page" }>
type Entry = Page["messages"][number]

/** Everybody, each with one connection at a time. */
const company = Effect.gen(function*() {
  const run = (yield* UserActors).run
  const here = new Map<string, MemoryConnection>()
  const come = Effect.fnUntraced(function*(user: string) {
    const connection = new MemoryConnection()
    yield* Effect.forkScoped(run({ identity: identity(user), level: "v1", connection, address: "127.0.0.1" }))
    yield* connection.expect("welcome")
    here.set(user, connection)
    return connection
  })
  for (const name of names) yield* come(name)
  return {
    of: Effect.fnUntraced(function*(user: string) {
      const connection = here.get(user)!
      return connection.closedWith === undefined ? connection : yield* come(user)
    })
  }
})

type Company = Effect.Success<typeof company>

/** What `history` shows in a conversation, from its first page to its last; `undefined` where it is not theirs. */
const shown = Effect.fnUntraced(function*(who: MemoryConnection, conversation: string) {
  const found: Array<Entry> = []
  for (let after = 0;;) {
    const page = yield* who.ask({ type: "history", conversation, after, limit: 20 })
    if (page.type !== "history_page") return undefined
    found.push(...page.messages)
    if (!page.has_more) return found
    after = found.at(-1)!.seq
  }
})

const searched = Effect.fnUntraced(function*(who: MemoryConnection, frame: object) {
  const found: Array<string> = []
  let last = Number.POSITIVE_INFINITY
  let cursor: string | undefined
  do {
    const page = yield* who.ask(
      { type: "search", limit: 7, ...frame, ...(cursor === undefined ? {} : { cursor }) },
      "search_result"
    )
    for (const { at, conversation, seq, text } of page.hits) {
      assert.isAtMost(at, last)
      last = at
      found.push(`${conversation} ${seq} ${text}`)
    }
    cursor = page.cursor
  } while (cursor !== undefined)
  return found
})

/** What may happen, some of it more often. */
const happens = Effect.fnUntraced(function*({ of }: Company, group: string) {
  const user = yield* pick(names)
  const other = yield* pick(names)
  const who = yield* of(user)
  const where = yield* pick([{ group }, { recipient: other }])
  const seq = yield* Random.nextIntBetween(1, 30)
  const what = yield* Random.nextIntBetween(0, 99)
  const alice = yield* of("alice")
  if (what < 55) yield* who.ask({ type: "chat_message", ...where, text: yield* sentence })
  else if (what < 68) yield* who.ask({ type: "edit_message", ...where, seq, text: yield* sentence })
  else if (what < 76) yield* who.ask({ type: "delete_message", ...where, seq })
  else if (what < 83) yield* who.ask({ type: yield* pick(["block", "unblock"]), user: other })
  else if (what < 90) yield* alice.ask({ type: "add_members", group, members: [other] })
  else if (what < 95) yield* alice.ask({ type: "remove_members", group, members: [other] })
  else if (what < 97) yield* who.ask({ type: "leave_group", group })
  else if (what < 99) yield* (yield* MessageStore).trim({ before: 0, keep: 15 })
  else if (user !== "alice") {
    yield* (yield* MessageStore).eraseUser(UserId.make(user))
    // The server hears of it by itself within a second, and would end it.
    who.leave()
  }
})

const check = Effect.fnUntraced(function*({ of }: Company, conversations: ReadonlyArray<string>, turn: number) {
  const operator = yield* SearchAdmin
  let hitsOfAll = 0
  for (const user of names) {
    const who = yield* of(user)
    const visible = new Map<string, ReadonlyArray<Entry> | undefined>()
    for (const conversation of conversations) visible.set(conversation, yield* shown(who, conversation))
    for (const query of queries) {
      const fitting = (entries: ReadonlyArray<Entry> | undefined, conversation: string) =>
        (entries ?? []).flatMap((entry) =>
          entry.kind === "text" && entry.text !== undefined && match(parseQuery(query), entry.text) !== undefined
            ? [`${conversation} ${entry.seq} ${entry.text}`]
            : []
        )
      const about = `${user} looks for ${query} in turn ${turn}`
      const everywhere = Array.from(visible, ([conversation, entries]) => fitting(entries, conversation)).flat()
      assert.sameMembers(yield* searched(who, { query }), everywhere, about)
      hitsOfAll += everywhere.length
      const conversation = yield* pick(conversations)
      const entries = visible.get(conversation)
      if (entries === undefined) {
        assert.strictEqual(
          yield* who.code({ type: "search", query, conversation }),
          yield* who.code({ type: "history", conversation, after: 0 }),
          about
        )
      } else {
        assert.sameMembers(yield* searched(who, { query, conversation }), fitting(entries, conversation), about)
      }
      const { hits } = yield* operator.find({ query, user: UserId.make(user), limit: 100 })
      assert.includeMembers(everywhere, hits.map(({ conversation, seq, text }) => `${conversation} ${seq} ${text}`))
      assert.strictEqual(hits.length, Math.min(100, everywhere.length), about)
    }
  }
  assert.isAbove(hitsOfAll, 0)
})

const law = Effect.gen(function*() {
  const everybody = yield* company
  const history = yield* pick(["joined", "all"])
  const { conversation, group } = yield* (yield* everybody.of("alice")).ask(
    { type: "create_group", name: "tea", members: ["bob", "mallory"], history },
    "group_info"
  )
  const pairs = names.flatMap((a, i) => names.slice(i).map((b) => `dm:${a}:${b}`))
  for (let turn = 1; turn <= turns; turn++) {
    yield* happens(everybody, group)
    if (turn % 20 === 0) yield* check(everybody, [conversation, ...pairs], turn)
  }
})

const settings = { maxMessagesPerSecond: 0, maxMessagesPerSecondPerUser: 0 }

describe("a search finds what history shows", () => {
  for (const [name, store] of stores("search_law")) {
    for (const seed of [1, 2]) {
      it.live(`P8 whatever happens, on ${name}, seed ${seed}`, () =>
        law.pipe(
          Random.withSeed(seed),
          Effect.provide(actors(settings, Layer.orDie(Layer.fresh(store)))),
          Effect.scoped
        ), 60_000)
    }
  }
})
