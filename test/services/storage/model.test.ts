/** Random commands on a store with a disk and on the one without: they have to answer alike, always. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"
import { redact, Spans } from "../../../src/domain/blockSpans.ts"
import * as Conversation from "../../../src/domain/Conversation.ts"
import { isMentioned, type Mentions } from "../../../src/domain/entries/Mentions.ts"
import { ClientId, type ConversationId, DeviceId, GroupId, type MessageId, UserId } from "../../../src/domain/Ids.ts"
import { MemoryMessageStore } from "../../../src/services/storage/MemoryMessageStore.ts"
import { type Append, type CursorMove, MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { SqliteMessageStore } from "../../../src/services/storage/SqliteMessageStore.ts"
import { dataFile } from "../../support/dataFiles.ts"

const users = ["a", "B", "c"].map((name) => UserId.make(name))
const devices = ["phone", "tablet"].map((name) => DeviceId.make(name))
const tea = GroupId.make("tea")

const below = (n: number) => Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: n - 1 })))
const who = below(users.length)

/** Small numbers mean the same few users, targets and ids again and again, which is where the rules are. */
const common = {
  sender: who,
  to: below(users.length + 1),
  id: below(6),
  target: below(9),
  word: below(2),
  kept: below(3)
}
const Command = Schema.Union([
  Schema.Struct({ do: Schema.Literal("text"), ...common, meant: below(5), reply: Schema.Boolean }),
  Schema.Struct({ do: Schema.Literals(["edit", "delete", "react", "unreact"]), ...common }),
  Schema.Struct({
    do: Schema.Literals(["created", "members_added", "members_removed", "role_set", "renamed", "left"]),
    ...common
  }),
  Schema.Struct({ do: Schema.Literals(["received", "read"]), ...common, device: below(devices.length) }),
  Schema.Struct({ do: Schema.Literals(["erase", "trim", "block"]), ...common }),
  Schema.Struct({ do: Schema.Literal("commit") })
])
/** Whom a text mentions, and what an app has with it. */
const byName = (...names: ReadonlyArray<number>) => ({ mentions: names.map((name) => users[name]!) })
const all: Mentions = ["@all"]
const meant = [{}, { mentions: all }, byName(0), byName(1, 2), byName(0, 1, 2)]
const kept = [{}, { data: "{\"n\":1}" }, { data: "{}" }]
type Command = typeof Command.Type
type Addressed = Exclude<Command, { readonly do: "commit" }>

const conversationOf = ({ sender, to }: Addressed): ConversationId =>
  to === users.length ? Conversation.group(tea) : Conversation.direct(users[sender]!, users[to]!)

const appendOf = (command: Addressed, index: number): Append | undefined => {
  const { id, target, word } = command
  const sender = users[command.sender]!
  const other = users[command.to % users.length]!
  const stamped = {
    conversation: conversationOf(command),
    sender,
    clientId: id === 0 ? undefined : ClientId.make(`id ${id}`),
    messageId: `m${index}` as MessageId,
    at: index
  }
  const inGroup = { ...stamped, conversation: Conversation.group(tea), kind: "group" as const, group: tea }
  switch (command.do) {
    case "text":
      return {
        ...stamped,
        kind: "text",
        text: `word ${word}`,
        replyTo: command.reply ? target : undefined,
        ...meant[command.meant],
        ...kept[command.kept]
      }
    case "edit":
      return { ...stamped, kind: "edit", target, text: `word ${word}`, ...kept[command.kept] }
    case "delete":
      return { ...stamped, kind: "delete", target }
    case "react":
    case "unreact":
      return { ...stamped, kind: "reaction", target, emoji: "👍", remove: command.do === "unreact" }
    case "created":
      return {
        ...inGroup,
        change: {
          action: "created",
          name: "tea",
          members: [{ user: sender, role: "owner" }, { user: other, role: "member" }]
        }
      }
    case "members_added":
    case "members_removed":
      return { ...inGroup, change: { action: command.do, members: [other] } }
    case "role_set":
      return { ...inGroup, change: { action: "role_set", user: other, role: word === 0 ? "admin" : "member" } }
    case "renamed":
      return { ...inGroup, change: { action: "renamed", name: `tea ${word}` } }
    case "left":
      return { ...inGroup, change: { action: "left" } }
    default:
      return undefined
  }
}

const moveOf = (command: Addressed): CursorMove | undefined => {
  const move = { user: users[command.sender]!, conversation: conversationOf(command), upTo: command.target }
  if (command.do === "received") return { ...move, kind: "received", device: devices[command.device]! }
  return command.do === "read" ? { ...move, kind: "read" } : undefined
}

/** Unread mentions are what one would count in the log. */
const checkMentions = Effect.fnUntraced(function*(store: MessageStore["Service"], user: UserId) {
  const { items } = yield* store.conversations({ user, device: devices[0]!, limit: 100 })
  const blocks = new Spans(yield* store.blocks(user))
  for (const { conversation, mentions = 0, read } of items) {
    const { firstVisible = 1 } = (yield* store.membership(conversation, user)) ?? {}
    const { entries } = yield* store.history({ conversation, after: read, limit: 1_000, from: firstVisible })
    const seen = entries.map((entry) => redact(blocks, entry))
    const counted = seen.filter((entry) => entry.kind === "text" && entry.deleted !== true && isMentioned(entry, user))
    assert.deepStrictEqual(mentions, counted.length)
  }
})

/** Everything that can be asked. */
const look = Effect.fnUntraced(function*(store: MessageStore["Service"]) {
  const erasures = yield* store.erasures(0)
  const seen: Array<unknown> = [
    yield* store.group(tea),
    erasures.map(({ conversation, user }) => [user, conversation])
  ]
  for (const user of users) {
    seen.push(yield* store.exportUser(user), yield* store.membership(Conversation.group(tea), user))
    for (const device of devices) {
      seen.push(
        yield* store.conversations({ user, device, limit: 100 }),
        yield* store.behind({ user, device, limit: 100 })
      )
    }
    for (const other of users) {
      const conversation = Conversation.direct(user, other)
      seen.push(
        yield* store.ownEntries({ user, conversation, after: 0, limit: 100 }),
        yield* store.history({ conversation, after: 2, limit: 3 }),
        yield* store.history({ conversation, before: 5, limit: 2, from: 2 })
      )
    }
  }
  seen.push(yield* store.history({ conversation: Conversation.group(tea), after: 0, limit: 100 }))
  for (const user of users) yield* checkMentions(store, user)
  return seen
})

const run = Effect.fnUntraced(function*(store: MessageStore["Service"], commands: ReadonlyArray<Command>) {
  const answers: Array<unknown> = []
  let appends: Array<Append> = []
  let moves: Array<CursorMove> = []
  const commit = Effect.suspend(() => {
    const batch = store.commit(appends, moves)
    appends = []
    moves = []
    return Effect.map(batch, (answer) => answers.push(JSON.stringify(answer)))
  })
  for (const [index, command] of commands.entries()) {
    if (command.do === "commit") {
      yield* commit
      continue
    }
    const append = appendOf(command, index)
    if (append !== undefined) appends.push(append)
    const move = moveOf(command)
    if (move !== undefined) moves.push(move)
    if (append !== undefined || move !== undefined) continue
    yield* commit
    const user = users[command.sender]!
    if (command.do === "erase" && command.word === 0) answers.push(yield* store.eraseUser(user))
    if (command.do === "trim" && command.word === 0) answers.push(yield* store.trim({ before: index - 12, keep: 20 }))
    if (command.do === "block") {
      answers.push(yield* store.setBlock(user, users[command.to % users.length]!, command.word === 0, index))
    }
  }
  yield* commit
  return [...answers, ...yield* look(store)]
})

const stores = Effect.gen(function*() {
  const sqlite = yield* Layer.build(Layer.fresh(SqliteMessageStore.layer({ filename: yield* dataFile })))
  const memory = yield* Layer.build(Layer.fresh(MemoryMessageStore.layer()))
  return { sqlite: Context.get(sqlite, MessageStore), memory: Context.get(memory, MessageStore) }
})

describe("MessageStore", () => {
  it.effect.prop(
    "P2 P3 P4 the store with a disk answers like the one without",
    [Schema.Array(Command).pipe(Schema.check(Schema.isMinLength(20), Schema.isMaxLength(80)))],
    ([commands]) =>
      Effect.gen(function*() {
        const { memory, sqlite } = yield* stores
        // Later than anything that is said.
        yield* TestClock.setTime(1_000)
        const expected = yield* run(memory, commands)
        // One by one, so that a failure shows the first answer that differs.
        for (const [i, answer] of (yield* run(sqlite, commands)).entries()) assert.deepStrictEqual(answer, expected[i])
      }).pipe(Effect.scoped),
    { arbitrary: { runs: 200 } }
  )
})
