/**
 * P2 to P5 as one law: whatever happens to its connections, what a device built from pushes and answers equals what
 * `history` returns. Random sends, retries, edits, deletes, reactions, confirmations and disconnects on four devices,
 * and two plain ones, whose sockets take what they are given in parts, and end in every way in which a socket can.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"
import * as CloseCode from "../../src/domain/CloseCode.ts"
import * as Conversation from "../../src/domain/Conversation.ts"
import type { Entry } from "../../src/domain/Entry.ts"
import { UserId } from "../../src/domain/Ids.ts"
import type { ServerFrame } from "../../src/domain/ServerFrame.ts"
import { ServerActor } from "../../src/services/server/ServerActor.ts"
import { MemoryMessageStore } from "../../src/services/storage/MemoryMessageStore.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import { actors, pass, settle } from "../support/actors.ts"
import { Device } from "../support/Device.ts"
import { PlainDevice } from "../support/PlainDevice.ts"
import { sqlite } from "../support/stores.ts"

const alice = UserId.make("alice")
const bob = UserId.make("bob")
const conversation = Conversation.direct(alice, bob)

type Seen = {
  seq: number
  kind: string
  sender: string
  text?: string
  deleted?: true
  target?: number
  emoji?: string
  remove?: true
}

/** What is compared of an entry: all but ids and times. */
const essence = (entry: Entry): Seen => {
  const { at: _at, message_id: _id, ...rest } = entry as Entry & { edited_at?: number; reply_to?: number }
  delete rest.edited_at
  return rest as Seen
}

/** A client that survives its connections: it drops what it has seen, confirms nothing by itself, resends nothing. */
class Reader extends Device {
  readonly log = new Map<number, Seen>()
  /** What was sent and not answered yet, or answered: for retries. */
  readonly sent = new Map<string, object>()
  #ids = 0

  get highest(): number {
    let seq = 0
    while (this.log.has(seq + 1)) seq++
    return seq
  }

  override send(frame: object): void {
    const id = `${this.name}${this.#ids++}`
    const full = { ...frame, id, recipient: this.user === alice ? bob : alice }
    this.sent.set(id, full)
    super.send(full)
  }

  retry(pick: number): void {
    const all = Array.from(this.sent.values())
    if (all.length > 0) this.connection?.send(all[pick % all.length]!)
  }

  protected apply(frame: ServerFrame): void {
    switch (frame.type) {
      case "incoming_message":
        return this.#add({
          seq: frame.seq,
          kind: "text",
          sender: frame.sender,
          ...(frame.deleted === true ? { deleted: true } : { text: frame.text })
        })
      case "message_edited":
        return this.#add({
          seq: frame.seq,
          kind: "edit",
          sender: frame.sender,
          target: frame.target,
          ...(frame.text === undefined ? undefined : { text: frame.text })
        })
      case "message_deleted":
        return this.#add({ seq: frame.seq, kind: "delete", sender: frame.sender, target: frame.target })
      case "reaction":
        return this.#add({
          seq: frame.seq,
          kind: "reaction",
          sender: frame.sender,
          target: frame.target,
          emoji: frame.emoji,
          ...(frame.remove === true ? { remove: true } : undefined)
        })
      case "message_accepted": {
        // What it said itself is known from what it sent, and from the place that it got.
        const sent = this.sent.get(frame.id) as { type: string; text?: string; seq?: number; emoji?: string }
        const common = { seq: frame.seq, sender: this.user }
        if (sent.type === "chat_message") return this.#add({ ...common, kind: "text", text: sent.text! })
        if (sent.type === "edit_message") {
          return this.#add({ ...common, kind: "edit", target: sent.seq!, text: sent.text! })
        }
        if (sent.type === "delete_message") return this.#add({ ...common, kind: "delete", target: sent.seq! })
        return this.#add({ ...common, kind: "reaction", target: sent.seq!, emoji: sent.emoji! })
      }
    }
  }

  #add(entry: Seen): void {
    if (this.log.has(entry.seq)) return
    this.log.set(entry.seq, entry)
  }

  /** The log in order, with edits and deletes applied as their entries say. */
  state(): ReadonlyArray<Seen> {
    const log = Array.from(this.log.values(), (entry) => ({ ...entry })).sort((a, b) => a.seq - b.seq)
    const at = (seq: number) => log.find((entry) => entry.seq === seq)
    for (const entry of log) {
      const target = entry.target === undefined ? undefined : at(entry.target)
      if (target === undefined || target.deleted === true) continue
      if (entry.kind === "edit" && entry.text !== undefined) target.text = entry.text
      if (entry.kind === "delete") {
        target.deleted = true
        delete target.text
      }
    }
    for (const entry of log) {
      if (entry.kind === "edit" && at(entry.target!)?.deleted === true) delete entry.text
    }
    return log
  }
}

const action = Schema.Struct({
  device: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 3 }))),
  what: Schema.Literals([
    "send",
    "send",
    "send",
    "edit",
    "delete",
    "react",
    "retry",
    "confirm",
    "leave",
    "come",
    "read"
  ]),
  n: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 12 })))
})

/** What a plain client's line does: it says nothing, so everything is decided by what its socket takes. */
const plainAction = Schema.Struct({
  plain: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 1 }))),
  what: Schema.Literals([
    "come",
    "come",
    "stall",
    "take",
    "flow",
    "hang_up",
    "leave",
    "break",
    "close",
    "replace",
    "wait"
  ]),
  n: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 12 })))
})

const actions = Schema.Array(Schema.Union([action, plainAction])).pipe(
  Schema.check(Schema.isMinLength(20), Schema.isMaxLength(80))
)

const act = Effect.fnUntraced(function*(device: Reader, { n, what }: typeof action.Type) {
  switch (what) {
    case "send":
      return device.send({ type: "chat_message", text: `${device.name} says ${n}` })
    case "edit":
      return device.send({ type: "edit_message", seq: n, text: `${device.name} edits ${n}` })
    case "delete":
      return device.send({ type: "delete_message", seq: n })
    case "react":
      return device.send({ type: "react", seq: n, emoji: "👍" })
    case "retry":
      return device.retry(n)
    case "confirm":
      return device.connection?.send({ type: "received", conversation, up_to: device.highest })
    case "leave":
      // Whatever is in flight is lost with the connection, answers too.
      device.read()
      return device.connection?.vanish()
    case "come":
      return yield* device.come()
    case "read":
      yield* settle
      return device.read()
  }
})

const actPlain = Effect.fnUntraced(function*(device: PlainDevice, { n, what }: typeof plainAction.Type) {
  const { connection } = device
  switch (what) {
    case "come":
      return yield* device.come()
    case "wait":
      return yield* TestClock.adjust("600 millis")
  }
  if (connection === undefined || !device.isHere) return
  // Something may be on its way to it still.
  if (n % 2 === 0) yield* settle
  switch (what) {
    case "stall":
      connection.stalled = true
      return
    case "take":
      // Often not to the end of a frame.
      return connection.read(n * 37)
    case "flow":
      return connection.drain()
    case "hang_up":
      return connection.hangUp()
    case "leave":
      return connection.leave()
    case "break":
      return connection.vanish()
    case "close":
      // As a stop or a kick by the server; whoever reads answers.
      return connection.close(n % 2 === 0 ? CloseCode.Draining : CloseCode.Kicked)
    case "replace":
      if (device.name === undefined) return
      return yield* device.connect()
  }
})

const law = (list: typeof actions.Type) =>
  Effect.gen(function*() {
    const devices = [
      new Reader(alice, "a-phone"),
      new Reader(alice, "a-tablet"),
      new Reader(bob, "b-phone"),
      new Reader(bob, "b-tablet")
    ]
    const plain = [new PlainDevice(alice, "a-plain"), new PlainDevice(bob)] as const
    yield* Effect.forEach(devices, (device) => device.come(), { discard: true })
    for (const each of list) {
      if ("plain" in each) yield* actPlain(plain[each.plain]!, each)
      else yield* act(devices[each.device]!, each)
      yield* TestClock.adjust("50 millis")
    }
    yield* Effect.forEach(devices, (device) => device.come(), { discard: true })
    for (const device of plain) {
      device.connection?.vanish()
      yield* settle
      yield* device.come()
    }
    const server = yield* ServerActor
    const store = yield* MessageStore
    yield* server.flush
    yield* pass("1 second")
    const { entries, headSeq } = yield* store.history({ conversation, after: 0, limit: 100 })
    assert.deepStrictEqual(entries.map((e) => e.seq), Array.from({ length: headSeq }, (_, i) => i + 1))
    for (const device of devices) {
      device.read()
      assert.deepStrictEqual(device.state(), entries.map(essence), device.name)
    }
    for (const device of plain) {
      device.read()
      const due = entries.filter((e) => e.kind === "text" && e.sender !== device.user && e.deleted !== true)
      for (const { seq } of due) assert.isTrue(device.texts.has(seq), `${device.user}'s plain client lost ${seq}`)
    }
  })

describe("the law", () => {
  for (
    const [name, store, runs] of [["memory", MemoryMessageStore.layer(), 150], [
      "sqlite",
      Layer.orDie(sqlite),
      40
    ]] as const
  ) {
    it.effect.prop(
      `P2 P3 P4 P5 pushes and history tell the same, on ${name}`,
      [actions],
      ([list]) => law(list).pipe(Effect.provide(actors({}, store)), Effect.scoped),
      { arbitrary: { runs, size: 80 }, timeout: 120_000 }
    )
  }
})
