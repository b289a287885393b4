/** What must be true of every device at the end of a story, whatever happened in it. */
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import type { LogEvent } from "../../src/client/types.ts"
import { type BlockSpan, isWithheld } from "../../src/domain/blockSpans.ts"
import * as Conversation from "../../src/domain/Conversation.ts"
import type { Entry } from "../../src/domain/Entry.ts"
import type { ConversationId, GroupId } from "../../src/domain/Ids.ts"
import { DeviceId } from "../../src/domain/Ids.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import type { Device } from "./chaosDevice.ts"
import { spansOf } from "./spans.ts"

type Log = ReadonlyArray<Entry>
type Logs = ReadonlyMap<ConversationId, Log>

/** Every log of these people that the device may know of, also that of a group which its user is out of. */
const readLogs = Effect.fnUntraced(function*({ user }: Device, group: GroupId, users: ReadonlySet<string>) {
  const store = yield* MessageStore
  const { items } = yield* store.conversations({ user, device: DeviceId.make("default"), limit: 100 })
  const isTheirs = (conversation: ConversationId) => {
    const parsed = Conversation.parse(conversation)
    return parsed?.kind === "direct" && parsed.users.every((user) => users.has(user))
  }
  const conversations = new Set([
    ...items.map(({ conversation }) => conversation).filter(isTheirs),
    Conversation.group(group)
  ])
  return new Map(
    yield* Effect.forEach(conversations, (conversation) =>
      Effect.map(
        store.history({ conversation, after: 0, limit: 100_000 }),
        ({ entries }) => [conversation, entries] as const
      ))
  )
})

const onceAndInOrder = ({ name, runs }: Device, logs: Logs) => {
  for (const { events } of runs) {
    for (const conversation of logs.keys()) {
      const seqs = events.filter((event) => event.conversation === conversation).map(({ seq }) => seq)
      assert.deepStrictEqual(seqs, [...new Set(seqs)].sort((a, b) => a - b), `${name}: once and in order`)
    }
    for (const event of events) {
      // A change of a group has no id in its frame.
      const log = logs.get(event.conversation)
      if (event.type === "group_changed" || log === undefined) continue
      assert.strictEqual(log[event.seq - 1]!.message_id, event.message_id)
    }
  }
}

/** What was said while its reader had its sender blocked, and the server knew it, is at most a place in the log. */
const hidden = ({ runs, user }: Device, spans: ReadonlyArray<BlockSpan>, lateMillis: number) => {
  const blocks = spans.map((span) => ({ ...span, since: span.since + lateMillis }))
  const words = (event: LogEvent) =>
    event.type === "incoming_message"
      ? event.deleted !== true
      : event.type === "message_edited" || event.type === "reaction"
  for (const { events } of runs) {
    for (const event of events) {
      if (event.type === "group_changed" || !words(event)) continue
      assert.isFalse(isWithheld(blocks, event), `${user} was told what ${event.sender} said: ${event.seq}`)
    }
  }
}

const nothingLost = (device: Device, conversation: ConversationId, log: Log, blocks: ReadonlyArray<BlockSpan>) => {
  const who = `${device.user} ${device.name}`
  const all = device.runs.flatMap(({ answers, events }) => [...events, ...answers])
  const seqs = new Set(all.flatMap((each) => each.conversation === conversation ? [each.seq] : []))
  const spans = Conversation.isGroup(conversation)
    ? spansOf(log, device.user)
    : [[1, Number.POSITIVE_INFINITY] as const]
  const isTheirs = (seq: number) => spans.some(([from, to]) => from <= seq && seq <= to)
  for (const seq of seqs) assert.isTrue(isTheirs(seq), `${who}: ${seq} is not theirs`)
  const [from, to] = spans.at(-1)!
  if (to !== Number.POSITIVE_INFINITY) return
  for (const entry of log) {
    if (entry.seq < from || (entry.kind !== "group" && isWithheld(blocks, entry))) continue
    assert.isTrue(seqs.has(entry.seq), `${who}: ${entry.seq} lost in ${conversation}`)
  }
}

const saidOnce = (device: Device, devices: ReadonlyArray<Device>, conversation: ConversationId, log: Log) => {
  const all = devices.flatMap(({ said }) => said.get(conversation) ?? [])
  const those = () =>
    log.flatMap((entry) => entry.kind === "text" ? [`${entry.seq} ${entry.sender}: ${entry.text}`] : [])
  if (log.filter(({ kind }) => kind === "text").length !== all.length) {
    assert.deepStrictEqual(those(), all, `each text is one message of ${conversation}`)
  }
  const said = device.said.get(conversation) ?? []
  const texts = log.flatMap((entry) => entry.kind === "text" ? [entry] : [])
  const ids = new Set(said)
  // Edits and deletes change texts, so places are compared where the text is still as it was said.
  const kept = texts.flatMap(({ text }) => text !== undefined && ids.has(text) ? [text] : [])
  assert.deepStrictEqual(kept, said.filter((text) => kept.includes(text)), "once, in the order in which it was said")
}

/** Nothing that it could confirm is unconfirmed. */
const allConfirmed = Effect.fnUntraced(
  function*({ name, user }: Device, logs: Logs, blocks: ReadonlyArray<BlockSpan>) {
    const store = yield* MessageStore
    const { items, next } = yield* store.behind({ user, device: DeviceId.make(name ?? "default"), limit: 100 })
    assert.isUndefined(next)
    const due = items.filter(({ conversation, received }) =>
      logs.get(conversation)?.some((entry) =>
        entry.seq > received && (entry.kind === "group" || !isWithheld(blocks, entry))
      )
    )
    assert.isEmpty(due, `${user} ${name}: all of it is confirmed`)
  }
)

export const check = Effect.fnUntraced(function*(
  devices: ReadonlyArray<Device>,
  group: GroupId,
  store: MessageStore["Service"],
  /** How long a server may not know what was blocked on another one. */
  lateMillis = 0
) {
  const users = new Set<string>(devices.map(({ user }) => user))
  for (const device of devices) {
    const { client, name, user } = device
    const state = yield* client.currentState
    assert.strictEqual(state._tag, "Ready", JSON.stringify(state))
    assert.isEmpty(yield* client.pending, `${user} ${name}: everything is answered`)
    const blocks = yield* store.blocks(user)
    const logs = yield* Effect.provideService(readLogs(device, group, users), MessageStore, store)
    onceAndInOrder(device, logs)
    hidden(device, blocks, lateMillis)
    for (const [conversation, log] of logs) {
      nothingLost(device, conversation, log, blocks)
      saidOnce(device, devices, conversation, log)
    }
    yield* Effect.provideService(allConfirmed(device, logs, blocks), MessageStore, store)
  }
})
