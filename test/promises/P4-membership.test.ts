/**
 * P4 P8 as one law, whatever happens to members, connections and the server: nobody is ever told an entry of a time when
 * they were not a member, nobody who comes back misses one of their present membership, and on one connection the log
 * only goes forward, however slowly it is read.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"
import * as Conversation from "../../src/domain/Conversation.ts"
import { ClientId, GroupId, type MessageId, UserId } from "../../src/domain/Ids.ts"
import type { ServerFrame } from "../../src/domain/ServerFrame.ts"
import { newGroupId } from "../../src/services/group/groupIds.ts"
import { ServerActor } from "../../src/services/server/ServerActor.ts"
import { MemoryMessageStore } from "../../src/services/storage/MemoryMessageStore.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import { SqliteMessageStore } from "../../src/services/storage/SqliteMessageStore.ts"
import { actors, join, pass, settle } from "../support/actors.ts"
import { Device } from "../support/Device.ts"
import { spansOf } from "../support/spans.ts"
import { temporaryDirectory } from "../support/stores.ts"

const users = ["alice", "bob", "carol"] as const
const owner = UserId.make("alice")
const group: GroupId = newGroupId(owner, ClientId.make("g"))
const conversation = Conversation.group(group)

const int = (maximum: number) => Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum })))

const happenings = [
  "say",
  "say",
  "say",
  "add",
  "add",
  "remove",
  "leave_group",
  "promote",
  "rename",
  "confirm",
  "go",
  "come",
  "fall_behind",
  "flow",
  "restart"
] as const

const stepsOf = <const What extends ReadonlyArray<string>>(what: What) =>
  Schema.Array(Schema.Struct({
    /** Two devices of each user. */
    device: int(5),
    what: Schema.Literals(what),
    /** Whom it is about. */
    whom: int(2)
  })).pipe(Schema.check(Schema.isMinLength(20), Schema.isMaxLength(60)))

const steps = stepsOf(happenings)
/** Other servers and commands change the same store. */
const stepsBeside = stepsOf([...happenings, "add beside", "remove beside"])

/** Each word has an id of its own. */
let said = 0

type Step = (typeof stepsBeside.Type)[number]

/** It remembers all it was ever told of the log. */
class Reader extends Device {
  readonly told = new Set<number>()
  /** The last that was pushed: what came before it came, too. One's own words, which are answered, may be ahead of it. */
  pushed = 0

  override read(): void {
    const seqs = (this.connection?.heard ?? []).flatMap((frame) =>
      frame.type === "incoming_message" || frame.type === "group_changed" ? [frame.seq] : []
    )
    assert.deepStrictEqual(seqs, [...new Set(seqs)].sort((a, b) => a - b), `${this.name}: in order`)
    super.read()
  }

  protected apply(frame: ServerFrame): void {
    if (frame.type === "incoming_message" || frame.type === "group_changed") {
      this.told.add(frame.seq)
      this.pushed = Math.max(this.pushed, frame.seq)
    }
    if (frame.type === "message_accepted" && frame.conversation === conversation) this.told.add(frame.seq)
    if (frame.type === "history_page") { for (const { seq } of frame.messages) this.told.add(seq) }
  }
}

/** It misses more than a socket is given at once, comes back, and reads nothing of it until the flow goes on. */
const fallBehind = Effect.fnUntraced(function*(device: Reader) {
  yield* settle
  device.read()
  device.connection?.vanish()
  const connection = yield* join(owner)
  for (let i = 0; i < 8; i++) {
    connection.send({ type: "chat_message", group, text: "x".repeat(16_000), id: `${said++}` })
  }
  yield* settle
  connection.vanish()
  yield* device.come({ stalled: true })
})

const act = Effect.fnUntraced(function*(device: Reader, { what, whom }: Step) {
  const other = users[whom]!
  switch (what) {
    case "say":
      return device.send({ type: "chat_message", group, text: `${device.name} speaks`, id: `${said++}` })
    case "add":
      return device.send({ type: "add_members", group, members: [other] })
    case "remove":
      return device.send({ type: "remove_members", group, members: [other] })
    case "leave_group":
      return device.send({ type: "leave_group", group })
    case "promote":
      return device.send({ type: "set_role", group, user: other, role: "owner" })
    case "rename":
      return device.send({ type: "rename_group", group, name: `${device.name}'s` })
    case "add beside":
    case "remove beside": {
      // Another server of the same store, or a command.
      const store = yield* MessageStore
      const action = what === "add beside" ? "members_added" as const : "members_removed" as const
      yield* store.commit([{
        kind: "group",
        conversation,
        group,
        sender: owner,
        clientId: undefined,
        messageId: `${said++}` as MessageId,
        at: 0,
        change: { action, members: [UserId.make(other)] }
      }], [])
      return
    }
    case "confirm":
      yield* settle
      device.read()
      return device.send({ type: "received", conversation, up_to: device.pushed })
    case "go":
      yield* settle
      device.read()
      return device.connection?.vanish()
    case "come":
      return yield* device.come()
    case "fall_behind":
      return yield* fallBehind(device)
    case "flow":
      return device.isHere ? device.connection!.drain() : undefined
    case "restart":
      return
  }
})

/** One life of the server, up to the next restart. */
const life = (devices: ReadonlyArray<Reader>, part: ReadonlyArray<Step>, last: boolean, beside: boolean) =>
  Effect.gen(function*() {
    yield* Effect.forEach(devices, (device) => device.come(), { discard: true })
    devices[0]!.send({ type: "create_group", id: "g", name: "tea", members: ["bob"] })
    yield* settle
    for (const each of part) {
      yield* act(devices[each.device]!, each)
      yield* TestClock.adjust("20 millis")
    }
    for (const device of devices) if (device.isHere) device.connection!.drain()
    const server = yield* ServerActor
    yield* server.flush
    yield* pass("1 second")
    for (const device of devices) device.read()
    // Who is connected has everything by now, by pushes alone.
    yield* check(devices.filter(({ isHere }) => isHere), !beside)
    for (const device of devices) device.connection?.vanish()
    yield* settle
    if (!last) return
    // Everybody comes once more and gets what is due; then the log tells who should have been told what.
    for (const device of devices) yield* device.come()
    yield* pass("1 second")
    for (const device of devices) device.read()
    // What is changed beside a server is heard of with the next message, and read from history by who sees the gap.
    yield* check(devices, !beside)
  })

const check = Effect.fnUntraced(function*(devices: ReadonlyArray<Reader>, complete: boolean) {
  const store = yield* MessageStore
  const { entries } = yield* store.history({ conversation, after: 0, limit: 1_000 })
  for (const device of devices) {
    const spans = spansOf(entries, device.user)
    const within = (seq: number) => spans.some(([from, to]) => from <= seq && seq <= to)
    for (const seq of device.told) {
      assert.isTrue(within(seq), `${device.name} was told ${seq}: ${JSON.stringify(spans)}`)
    }
    if (!complete) continue
    const now = spans.at(-1)
    if (now === undefined || now[1] !== Number.POSITIVE_INFINITY) {
      continue
    }
    for (const { seq } of entries) {
      if (seq >= now[0]) {
        assert.isTrue(
          device.told.has(seq),
          `${device.name} missed ${seq} of ${JSON.stringify(spans)}`
        )
      }
    }
  }
})

const livesOf = (list: ReadonlyArray<Step>): ReadonlyArray<ReadonlyArray<Step>> => {
  const lives: Array<Array<Step>> = [[]]
  for (const each of list) {
    if (each.what === "restart") lives.push([])
    else lives.at(-1)!.push(each)
  }
  return lives
}

const law = (list: ReadonlyArray<Step>, store: Layer.Layer<MessageStore>) =>
  Effect.gen(function*() {
    const devices = [0, 1, 2, 3, 4, 5].map((i) => new Reader(UserId.make(users[i >> 1]!), `${users[i >> 1]}-${i & 1}`))
    const lives = livesOf(list)
    const beside = list.some(({ what }) => what.endsWith("beside"))
    for (const [index, part] of lives.entries()) {
      yield* life(devices, part, index === lives.length - 1, beside).pipe(
        Effect.provide(Layer.fresh(actors({ maxMessagesPerSecond: 0 }, store))),
        Effect.scoped
      )
    }
  })

const onDisk = (list: ReadonlyArray<Step>) =>
  Effect.flatMap(
    temporaryDirectory,
    (path) => law(list, Layer.orDie(Layer.fresh(SqliteMessageStore.layer({ filename: `${path}/chat.db` }))))
  ).pipe(Effect.scoped)

/** A memory store that outlives the servers on it. */
const inMemory = (list: ReadonlyArray<Step>) =>
  Effect.gen(function*() {
    const store = yield* MessageStore
    yield* law(list, Layer.succeed(MessageStore, store))
  }).pipe(Effect.provide(Layer.fresh(MemoryMessageStore.layer())))

describe("membership", () => {
  it.effect("P4 an answer to one's own words is ahead of what is still to be pushed, which comes all the same", () => {
    const story = ["fall_behind", "say", "confirm", "go"] as const
    return inMemory(story.map((what) => ({ device: 3, what, whom: 0 })))
  })

  it.effect.prop(
    "P4 P8 nobody sees what is not theirs, nobody misses what is, in memory",
    [steps],
    ([list]) => inMemory(list),
    { arbitrary: { runs: 60, size: 60 }, timeout: 120_000 }
  )

  it.effect.prop(
    "P8 nobody sees what is not theirs, whatever is changed beside the server",
    [stepsBeside],
    ([list]) => inMemory(list),
    { arbitrary: { runs: 100 }, timeout: 120_000 }
  )

  it.effect.prop(
    "P4 P8 nobody sees what is not theirs, nobody misses what is, on SQLite with restarts",
    [steps],
    ([list]) => onDisk(list),
    { arbitrary: { runs: 30, size: 60 }, timeout: 120_000 }
  )
})
