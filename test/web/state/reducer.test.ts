/** What the page knows after each thing that can happen. */
import { assert, describe, it } from "@effect/vitest"
import type {
  ChatEvent,
  ConversationSummary,
  Entry,
  GroupInfo,
  PendingMessage,
  Welcome
} from "../../../src/client/index.ts"
import { attention } from "../../../src/web/state/attention.ts"
import { emptyConversation } from "../../../src/web/state/conversations.ts"
import { lookUp } from "../../../src/web/state/lookUp.ts"
import { initial, type State, type TextItem } from "../../../src/web/state/model.ts"
import { type Action, reduce } from "../../../src/web/state/reducer.ts"
import { chunksOf, itemsWith, pendingIn, previewOf, reached, sorted, tickOf } from "../../../src/web/state/selectors.ts"

const id = "dm:alice:bob"
const play = (...actions: ReadonlyArray<Action>): State => actions.reduce(reduce, initial("alice"))
const event = (value: object): Action => ({ type: "event", event: value as ChatEvent })
const incoming = (seq: number, more: object = {}) =>
  event({
    type: "incoming_message",
    sender: "bob",
    conversation: id,
    seq,
    message_id: `m${seq}`,
    at: 1_000 + seq,
    text: `text ${seq}`,
    ...more
  })
const receipt = (user: string, delivered: number, read: number, conversation = id) =>
  event({ type: "receipt", conversation, user, delivered, read })
const presence = (user: string, status: string, more: object = {}) => event({ type: "presence", user, status, ...more })
const typing = (active: boolean) => event({ type: "typing", conversation: id, user: "bob", active })
const listed = (summary: object): Action => ({
  type: "listed",
  conversations: [
    { conversation: id, kind: "direct", peer: "bob", head_seq: 0, received: 0, read: 0, unread: 0, ...summary }
  ] as unknown as ReadonlyArray<ConversationSummary>
})
const message: PendingMessage = { id: "p1", target: { recipient: "bob" }, text: "hello", at: 5_000 }
const accepted = event({
  type: "accepted",
  message,
  accepted: { type: "message_accepted", id: "p1", conversation: id, seq: 3, message_id: "m3", at: 6_000 },
  pushed: {
    type: "incoming_message",
    conversation: id,
    seq: 3,
    message_id: "m3",
    at: 6_000,
    sender: "alice",
    text: "hello"
  }
})
const groupId = "group:g1"
const info = (members: ReadonlyArray<string>, name = "Hikes"): GroupInfo =>
  ({
    type: "group_info",
    group: "g1",
    conversation: groupId,
    name,
    members: members.map((user, index) => ({ user, role: index === 0 ? "owner" : "member" })),
    head_seq: 1,
    history: "joined"
  }) as unknown as GroupInfo
const changed = (seq: number, by: string, change: object) =>
  event({ type: "group_changed", group: "g1", conversation: groupId, seq, by, at: seq, change })

const at = (state: State, conversation = id) => state.conversations[conversation]!

describe("unread", () => {
  it("is what the server counted, and then each message of others", () => {
    const state = play(listed({ head_seq: 5, read: 2, unread: 3 }), incoming(6), incoming(7, { sender: "alice" }))
    assert.deepStrictEqual([at(state).unread, attention(state, 0)], [4, 4])
  })

  it("does not count again what is pushed again", () => {
    assert.strictEqual(at(play(listed({ head_seq: 5, unread: 3 }), incoming(4), incoming(5))).unread, 3)
  })

  it("is gone when all is read, here or on another device", () => {
    const read = play(listed({ head_seq: 5, unread: 3 }), { type: "read", conversation: id, upTo: 5 })
    assert.strictEqual(at(read).unread, 0)
    const elsewhere = play(incoming(1), incoming(2), incoming(3), receipt("alice", 3, 2))
    assert.strictEqual(at(elsewhere).unread, 1)
  })

  it("a list that was made before one read on does not bring it back", () => {
    const read: Action = { type: "read", conversation: id, upTo: 1 }
    const state = play(incoming(1), read, listed({ head_seq: 1, read: 0, unread: 1 }))
    assert.strictEqual(at(state).unread, 0)
  })
})

describe("what is not there any more", () => {
  const deleted = (seq: number, target: number, sender = "bob") =>
    event({ type: "message_deleted", sender, conversation: id, seq, target, at: 9_000, message_id: `m${seq}` })

  it("is not unread either, and is taken back once", () => {
    const state = play(listed({ head_seq: 3, unread: 2 }), deleted(4, 2))
    assert.strictEqual(at(state).unread, 1)
    assert.strictEqual(at([deleted(4, 2), deleted(5, 2)].reduce(reduce, state)).unread, 1)
    assert.strictEqual(at(play(listed({ head_seq: 3, read: 2, unread: 1 }), deleted(4, 2))).unread, 1)
    // One's own, which the operator deleted, was not unread.
    const own = play(listed({ head_seq: 3, unread: 2 }), incoming(4, { sender: "alice" }), deleted(5, 4, "@system"))
    assert.deepStrictEqual([at(own).unread, (at(own).items[0] as TextItem).deleted], [2, true])
  })

  it("presence and typing are not known without a connection", () => {
    const lost: Action = { type: "link", link: { _tag: "Reconnecting", attempt: 1, delayMillis: 500, reason: "" } }
    const state = play(presence("bob", "online"), typing(true), lost)
    assert.deepStrictEqual([state.presence, at(state).typing], [{}, []])
  })

  it("on the next server, too, nobody says that somebody stopped typing", () => {
    const state = play(typing(true), { type: "link", link: { _tag: "Ready", welcome: {} as Welcome } })
    assert.deepStrictEqual(at(state).typing, [])
  })
})

describe("changes on their way", () => {
  const change = { conversation: id, target: { recipient: "bob" }, seq: 1, at: 9_000 }
  const shown = (state: State) => itemsWith(at(state).items, state.changes, "alice")[0] as TextItem

  it("are seen at once and marked, and end in what the server says", () => {
    const before = play(incoming(1, { sender: "alice" }))
    const editing = reduce(before, { type: "changing", change: { ...change, id: "c1", kind: "edit", text: "better" } })
    assert.deepStrictEqual([shown(editing).text, shown(editing).waiting], ["better", true])
    const entry = { kind: "edit", sender: "alice", seq: 2, target: 1, at: 9, text: "better", message_id: "m2" } as Entry
    const edited = reduce(editing, { type: "entry", conversation: id, entry })
    const after = reduce(edited, { type: "changed", id: "c1" })
    assert.deepStrictEqual([shown(after).text, shown(after).waiting], ["better", undefined])
  })

  it("a reaction is added and taken back, a deleted message takes no more", () => {
    const react = (id: string, remove: boolean) =>
      ({ type: "changing", change: { ...change, id, kind: "react", emoji: "👍", remove } }) as const
    const liked = reduce(play(incoming(1)), react("c1", false))
    assert.deepStrictEqual(shown(liked).reactions, [{ emoji: "👍", users: ["alice"] }])
    assert.deepStrictEqual(shown(reduce(liked, react("c2", true))).reactions, [])
    const gone = reduce(liked, { type: "changing", change: { ...change, id: "c3", kind: "delete" } })
    assert.deepStrictEqual([shown(gone).deleted, shown(gone).reactions], [true, []])
    assert.deepStrictEqual(shown(reduce(gone, react("c4", false))).reactions, [])
  })
})

describe("pending messages", () => {
  it("wait, are accepted into the log, and leave nothing behind", () => {
    const waiting = play(event({ type: "pending", message }))
    assert.deepStrictEqual(pendingIn(waiting, id).map(({ text }) => text), ["hello"])
    assert.deepStrictEqual(previewOf(at(waiting), pendingIn(waiting, id), waiting), { text: "hello", tick: "pending" })
    const done = reduce(waiting, accepted)
    assert.deepStrictEqual(done.pending, [])
    assert.deepStrictEqual(at(done).items.map(({ sender, seq }) => [seq, sender]), [[3, "alice"]])
    assert.strictEqual(at(done).unread, 0)
  })

  it("said twice are shown once", () => {
    assert.lengthOf(play(event({ type: "pending", message }), event({ type: "pending", message })).pending, 1)
  })

  it("that were refused stay, with the reason, until they are discarded", () => {
    const failed = play(
      event({ type: "pending", message }),
      event({ type: "failed", message, code: "forbidden", reason: "Not here." })
    )
    assert.strictEqual(failed.pending[0]!.failed, "Not here.")
    assert.deepStrictEqual(reduce(failed, { type: "discarded", id: "p1" }).pending, [])
  })
})

describe("ticks", () => {
  it("follow the other's positions, which never go back", () => {
    const tick = (state: State) => tickOf(3, reached(at(state), "alice"))
    assert.strictEqual(tick(play(accepted)), "accepted")
    assert.strictEqual(tick(play(accepted, receipt("bob", 3, 0))), "delivered")
    assert.strictEqual(tick(play(accepted, receipt("bob", 3, 3))), "read")
    assert.strictEqual(tick(play(accepted, receipt("bob", 3, 3), receipt("bob", 2, 1))), "read")
    assert.strictEqual(tick(play(accepted, listed({ head_seq: 3, peer_delivered: 3, peer_read: 3 }))), "read")
  })

  it("in a group wait for the last member", () => {
    const positions = (read: number): Action => ({
      type: "receipts",
      list: {
        type: "receipt_list",
        conversation: groupId,
        receipts: [{ user: "bob", delivered: 4, read: 4 }, { user: "carol", delivered: 4, read }]
      } as never
    })
    const group = play({ type: "group", info: info(["alice", "bob", "carol"]) }, positions(2))
    assert.deepStrictEqual(reached(at(group, groupId), "alice"), { delivered: 4, read: 2 })
    const joined = reduce(group, { type: "group", info: { ...info(["alice", "bob", "carol", "dora"]), head_seq: 6 } })
    assert.deepStrictEqual(reached(at(joined, groupId), "alice"), { delivered: 4, read: 2 })
    const without = play({ type: "group", info: info(["alice", "bob", "carol"]) })
    assert.deepStrictEqual(reached(at(without, groupId), "alice"), { delivered: 0, read: 0 })
  })
})

describe("groups", () => {
  it("are named by what happened to them", () => {
    const state = play(
      changed(1, "bob", { action: "created", name: "Hikes", members: [] }),
      changed(2, "bob", { action: "renamed", name: "Walks" })
    )
    assert.strictEqual(at(state, groupId).name, "Walks")
    assert.strictEqual(previewOf(at(state, groupId), [], state).text, "bob named the group “Walks”")
  })

  it("one is out when removed or gone, and in again when added", () => {
    const state = play({ type: "group", info: info(["bob", "alice"]) })
    assert.isFalse(at(state, groupId).gone)
    const removed = reduce(state, changed(2, "bob", { action: "members_removed", members: ["alice"] }))
    assert.isTrue(at(removed, groupId).gone)
    const added = reduce(removed, changed(3, "bob", { action: "members_added", members: ["alice"] }))
    assert.isFalse(at(added, groupId).gone)
    assert.isTrue(at(reduce(added, changed(4, "alice", { action: "left" })), groupId).gone)
    assert.isTrue(at(play({ type: "group", info: info(["bob"]) }), groupId).gone)
  })
})

describe("presence and typing", () => {
  it("typing ends with its message, and by word", () => {
    assert.deepStrictEqual(at(play(typing(true), typing(true))).typing, ["bob"])
    assert.deepStrictEqual(at(play(typing(true), incoming(1))).typing, [])
    assert.deepStrictEqual(at(play(typing(true), typing(false))).typing, [])
  })

  it("presence is the last word about each", () => {
    const state = play(presence("bob", "online"), presence("bob", "offline", { last_seen: 7 }))
    assert.deepStrictEqual(state.presence, { bob: { online: false, lastSeen: 7 } })
  })
})

describe("the list", () => {
  it("has the latest first, and an empty one only while it is open", () => {
    const other = "dm:alice:carol"
    const state = play(
      incoming(1),
      incoming(1, { conversation: other, sender: "carol", at: 9_000 }),
      receipt("dora", 0, 0, "dm:alice:dora")
    )
    assert.deepStrictEqual(sorted(state).map((each) => each.id), [other, id])
    const open = reduce(state, { type: "opened", conversation: "dm:alice:dora" })
    assert.deepStrictEqual(sorted(open).map((each) => each.name), ["dora", "carol", "bob"])
  })

  it("previews say who spoke in a group and what became of deleted messages", () => {
    const state = play(
      incoming(1, { conversation: groupId, group: "g1", text: "two\n lines" }),
      incoming(1, { deleted: true, text: "" })
    )
    assert.strictEqual(previewOf(at(state, groupId), [], state).text, "bob: two lines")
    assert.deepStrictEqual(previewOf(at(state), [], state), { text: "Message deleted", soft: true })
    const hidden = play(incoming(1, { deleted: true, hidden: true, text: "" }))
    assert.strictEqual(previewOf(at(hidden), [], hidden).text, "Message hidden")
  })
})

it("screen readers hear what others say in the conversation that is open, once", () => {
  const state = play(
    { type: "opened", conversation: id },
    incoming(1),
    incoming(1),
    incoming(2, { sender: "alice" }),
    incoming(1, { conversation: "dm:alice:carol", sender: "carol" })
  )
  assert.deepStrictEqual(state.heard.map(({ text }) => text), ["bob: text 1"])
})

it("chunks keep their borders when older messages come in above", () => {
  const items = Array.from({ length: 100 }, (_, index) => ({
    ...play(incoming(index + 1)).conversations[id]!.items[0]!
  }))
  const late = chunksOf(items.slice(50))
  const all = chunksOf(items)
  assert.deepStrictEqual(all.slice(-2).map(({ items, key }) => [key, items.length]), [[5, 16], [6, 5]])
  assert.deepStrictEqual(late.at(-1)!.items, all.at(-1)!.items)
  assert.strictEqual(all.flatMap((chunk) => chunk.items).length, 100)
})

it("names that JavaScript knows are names like any other", () => {
  const state = play(receipt("constructor", 2, 1, "dm:alice:constructor"), presence("toString", "offline"))
  assert.deepStrictEqual(
    at(state, "dm:alice:constructor").positions,
    { constructor: { delivered: 2, read: 1 } } as never
  )
  assert.isUndefined(lookUp(state.conversations, "constructor"))
  assert.isUndefined(lookUp(state.presence, "valueOf"))
  assert.deepStrictEqual(
    reached({ ...at(state, "dm:alice:constructor"), with: "valueOf" }, "alice"),
    { delivered: 0, read: 0 }
  )
  const opened = reduce(state, { type: "opened", conversation: "__proto__" })
  assert.strictEqual(lookUp(opened.conversations, "__proto__")?.id, "__proto__")
})

it("an id that is no conversation of the user is still shown as itself", () => {
  assert.strictEqual(emptyConversation("something", "alice").name, "something")
})
