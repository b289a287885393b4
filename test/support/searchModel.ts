/** Random runs of all that changes what may be found, and what a look through the log finds, which a search has to find too. */
import { Effect, Random } from "effect"
import { type BlockSpan, redact, Spans } from "../../src/domain/blockSpans.ts"
import * as Conversation from "../../src/domain/Conversation.ts"
import type { TextEntry } from "../../src/domain/entries/Text.ts"
import { type ConversationId, GroupId, UserId } from "../../src/domain/Ids.ts"
import { hasLink } from "../../src/domain/search/links.ts"
import { match, parseQuery } from "../../src/domain/search/query.ts"
import { type Append, MessageStore } from "../../src/services/storage/MessageStore.ts"
import { type Found, Search, type SearchOptions } from "../../src/services/storage/Search.ts"
import { newestFirst } from "../../src/services/storage/searchRules.ts"
import { change, created, edit, listed, react, remove, text } from "../../src/testing/contract/commands.ts"
import { findAll } from "../../src/testing/search/SearchCase.ts"

export const users = ["ann", "bo", "cy", "di"].map((name) => UserId.make(name))
const groups = [GroupId.make("open"), GroupId.make("later")]
const vocabulary = "tea Teapot té cake cakes CAKE Straße strasse привет 東京都 京都 10 https://example.org/tea a".split(
  " "
)
const queries = [
  "t",
  "tea",
  "TEAPOT",
  "cak",
  "\"cake tea\"",
  "\"tea\"",
  "strass",
  "прив",
  "京都",
  "東京",
  "1",
  "https example",
  "a",
  "tea cake",
  "nothing",
  "te 京",
  "\"a\" t",
  ""
]

const one = <A>(all: ReadonlyArray<A>) => Effect.map(Random.nextIntBetween(0, all.length - 1), (at) => all[at]!)
const chance = (percent: number) => Effect.map(Random.nextIntBetween(1, 100), (n) => n <= percent)

const words = Effect.gen(function*() {
  const said: Array<string> = []
  const count = yield* Random.nextIntBetween(1, 4)
  for (let i = 0; i < count; i++) said.push(yield* one(vocabulary))
  return said.join(" ")
})

const conversation = Effect.gen(function*() {
  if (yield* chance(60)) return Conversation.group(yield* one(groups))
  return Conversation.direct(yield* one(users), yield* one(users))
})

/** One that is there, so that an edit is not always in vain. */
const textOf = Effect.fnUntraced(function*(where: ConversationId) {
  const store = yield* MessageStore
  const { entries } = yield* store.history({ conversation: where, before: Number.MAX_SAFE_INTEGER, limit: 100 })
  const texts = entries.filter(({ kind }) => kind === "text")
  return texts.length === 0 ? undefined : yield* one(texts)
})

/** What somebody does to a log. Times go forth, stand still and, as those of several servers do, go back. */
export const append = Effect.fnUntraced(function*(now: number) {
  const sender = yield* one(users)
  const at = now + (yield* Random.nextIntBetween(-20, 5))
  const where = yield* conversation
  const target = yield* textOf(where)
  switch (yield* Random.nextIntBetween(1, 14)) {
    case 1:
    case 2:
      return edit(target?.sender ?? sender, where, target?.seq ?? 1, yield* words, { at })
    case 3:
      return remove(target?.sender ?? sender, where, target?.seq ?? 1, { at })
    case 4:
      return react(sender, where, target?.seq ?? 1, "tea", false, { at })
    case 5:
      return change(sender, yield* one(groups), { action: "left" }, { at })
    case 6:
    case 7: {
      const action = yield* one(["members_added", "members_added", "members_removed"] as const)
      return change(sender, yield* one(groups), { action, members: [yield* one(users)] }, { at })
    }
    default:
      return text(sender, where, yield* words, { at })
  }
})

/** Something else that changes what may be found. */
const upheaval = Effect.fnUntraced(function*(now: number) {
  const store = yield* MessageStore
  const search = yield* Search
  switch (yield* Random.nextIntBetween(1, 16)) {
    case 1:
      return yield* store.eraseUser(yield* one(users))
    case 2:
      return yield* store.trim({ keep: yield* Random.nextIntBetween(20, 60) })
    case 3:
      return yield* store.trim({ before: now - (yield* Random.nextIntBetween(1_500, 4_000)) })
    case 4:
    case 5:
    case 6:
      return yield* store.setBlock(yield* one(users), yield* one(users), yield* chance(50), now)
    default:
      return yield* search.fill
  }
})

export const begun: ReadonlyArray<Append> = [
  created(groups[0]!, users[0]!, { [users[1]!]: "admin" }, "all", { at: 1 }),
  created(groups[1]!, users[1]!, { [users[0]!]: "admin", [users[2]!]: "member" }, "joined", { at: 1 })
]

export const happens = Effect.fnUntraced(function*(now: number) {
  const store = yield* MessageStore
  if (yield* chance(20)) return yield* upheaval(now)
  const appends: Array<Append> = []
  const count = yield* Random.nextIntBetween(1, 8)
  for (let i = 0; i < count; i++) appends.push(yield* append(now))
  return yield* store.commit(appends, [])
})

export type Asked = Omit<SearchOptions, "query" | "limit" | "after" | "user">
export interface Question {
  readonly query: string
  readonly asked: Asked
}

export const question = Effect.fnUntraced(function*(now: number) {
  const asked: { -readonly [key in keyof Asked]: Asked[key] } = {}
  if (yield* chance(25)) asked.conversation = yield* conversation
  if (yield* chance(25)) asked.sender = yield* one(users)
  if (yield* chance(15)) asked.has = "link"
  if (yield* chance(15)) asked.beforeAt = now - (yield* Random.nextIntBetween(0, 1_000))
  if (yield* chance(15)) asked.afterAt = now - (yield* Random.nextIntBetween(0, 2_000))
  return { query: yield* one(queries), asked }
})

const isWanted = ({ asked, query }: Question, { at, sender, text = "" }: TextEntry): boolean =>
  (asked.sender === undefined || asked.sender === sender) &&
  (asked.beforeAt === undefined || at < asked.beforeAt) &&
  (asked.afterAt === undefined || at > asked.afterAt) &&
  (asked.has === undefined || hasLink(text)) && match(parseQuery(query), text) !== undefined

/** As somebody sees it who has these blocks; `undefined` where nothing is left of it. */
const shown = (blocks: ReadonlyArray<BlockSpan>, { conversation, entry }: Found): Found | undefined => {
  const seen = redact(new Spans(blocks), entry)
  return seen.kind === "text" && seen.deleted !== true ? { conversation, entry: seen } : undefined
}

/** All texts of what this user may see. */
const visible = Effect.fnUntraced(function*(user: UserId) {
  const store = yield* MessageStore
  const found: Array<Found> = []
  for (const { conversation } of yield* listed(user)) {
    const membership = yield* store.membership(conversation, user)
    let page = { after: 0, isLast: membership === undefined }
    while (!page.isLast) {
      const { entries, hasMore } = yield* store.history({
        conversation,
        after: page.after,
        limit: 50,
        from: membership!.firstVisible
      })
      for (const entry of entries) if (entry.kind === "text") found.push({ conversation, entry })
      page = { after: entries.at(-1)?.seq ?? 0, isLast: !hasMore }
    }
  }
  return found
})

const nameOf = ({ conversation, entry: { at, seq, text } }: Found) => `${at} ${conversation} ${seq} ${text}`

const placeOf = ({ conversation, entry: { at, seq } }: Found) => ({ at, conversation, seq })

const namesOf = (blocks: ReadonlyArray<BlockSpan>, all: ReadonlyArray<Found>): ReadonlyArray<string> =>
  all.flatMap((each) => shown(blocks, each) ?? []).map(nameOf)

/** What a user should find, and what they do. */
export const answers = Effect.fnUntraced(function*(user: UserId, asked: Question, limit: number) {
  const store = yield* MessageStore
  const blocks = yield* store.blocks(user)
  const isIn = (id: ConversationId) => asked.asked.conversation === undefined || id === asked.asked.conversation
  const expected = (yield* visible(user))
    .filter(({ conversation, entry }) => entry.deleted !== true && isIn(conversation) && isWanted(asked, entry))
    .toSorted((a, b) => newestFirst(placeOf(a), placeOf(b)))
  const found = yield* findAll(asked.query, { user, ...asked.asked }, limit)
  return { expected: namesOf(blocks, expected), found: namesOf(blocks, found) }
})
