/** Of what the user is told, and what the title counts. */
import { assert, describe, it } from "@effect/vitest"
import type { ChatEvent, ConversationSummary, Welcome } from "../../../src/client/index.ts"
import { forGood } from "../../../src/domain/frames/Preferences.ts"
import { attention } from "../../../src/web/state/attention.ts"
import { initial, type State } from "../../../src/web/state/model.ts"
import { notifies } from "../../../src/web/state/notifies.ts"
import { type Action, reduce } from "../../../src/web/state/reducer.ts"

const now = 1_000_000
const id = "group:g1"
const connectedAt = 500_000

const play = (...actions: ReadonlyArray<Action>): State => actions.reduce(reduce, initial("alice"))
const ready: Action = {
  type: "link",
  link: { _tag: "Ready", welcome: { server_time: connectedAt } as unknown as Welcome }
}
const listed = (more: object = {}): Action => ({
  type: "listed",
  conversations: [{
    conversation: id,
    kind: "group",
    group: "g1",
    name: "Harbour",
    head_seq: 5,
    received: 5,
    read: 5,
    unread: 0,
    ...more
  } as unknown as ConversationSummary]
})
const message = (more: object = {}) =>
  ({
    type: "incoming_message",
    sender: "bob",
    conversation: id,
    group: "g1",
    seq: 6,
    message_id: "m6",
    at: connectedAt + 1,
    text: "hello",
    ...more
  }) as unknown as ChatEvent

const isTold = (event: ChatEvent, more: object = {}, ...actions: ReadonlyArray<Action>): boolean =>
  notifies(play(ready, listed(more), ...actions), event, now) !== undefined

describe("the user is told of", () => {
  it("what others say, also where nothing was said before, and also by the operator", () => {
    assert.isTrue(isTold(message()))
    assert.isTrue(isTold(message({ conversation: "dm:alice:carol", seq: 1, sender: "carol", group: undefined })))
    assert.isTrue(isTold(message({ sender: "@system" })))
  })

  it("nothing that they say themselves, have read, or that is not there any more", () => {
    assert.isFalse(isTold(message({ sender: "alice" })))
    assert.isFalse(isTold(message(), { read: 6 }))
    assert.isFalse(isTold(message({ deleted: true, text: "" })))
    assert.isFalse(isTold(message({ deleted: true, hidden: true, text: "" })))
  })

  it("nothing of whom they blocked, not even a mention", () => {
    const blocked: Action = { type: "blocked", users: ["bob"] }
    assert.isFalse(isTold(message({ mentions: ["alice"] }), {}, blocked))
  })

  it("no edits, deletes, reactions, changes of groups, receipts or typing", () => {
    for (const type of ["message_edited", "message_deleted", "reaction", "group_changed", "receipt", "typing"]) {
      assert.isFalse(isTold(message({ type })), type)
    }
  })

  it("only mentions where it is muted, of everybody too, and of nothing where those are muted as well", () => {
    const muted = { muted_until: now + 1 }
    assert.isFalse(isTold(message(), muted))
    assert.isFalse(isTold(message({ mentions: ["carol"] }), muted))
    assert.isTrue(isTold(message({ mentions: ["carol", "alice"] }), muted))
    assert.isTrue(isTold(message({ mentions: ["@all"] }), { muted_until: forGood }))
    assert.isFalse(isTold(message({ mentions: ["@all"] }), { ...muted, mutes_mentions: true }))
    // It is over.
    assert.isTrue(isTold(message(), { muted_until: now }))
  })

  it("what is said in an archived conversation, which it brings back", () => {
    assert.isTrue(isTold(message(), { archived: true }))
  })

  it("what was missed as what was missed", () => {
    const state = play(ready, listed())
    assert.isTrue(notifies(state, message({ at: connectedAt - 1 }), now)?.missed)
    assert.isFalse(notifies(state, message(), now)?.missed)
    // The list may know of it before it comes.
    assert.isTrue(notifies(play(ready, listed({ head_seq: 6, unread: 1 })), message({ at: 1 }), now)?.missed)
  })
})

describe("the title counts", () => {
  const count = (more: object) => attention(play(ready, listed(more)), now)

  it("what was not read, of muted conversations mentions only, and one that is marked as one", () => {
    assert.strictEqual(count({ unread: 3, mentions: 1 }), 3)
    assert.strictEqual(count({ unread: 3, mentions: 1, muted_until: now + 1 }), 1)
    assert.strictEqual(count({ unread: 3, mentions: 1, muted_until: now + 1, mutes_mentions: true }), 0)
    assert.strictEqual(count({ unread: 0, marked_unread: true }), 1)
    assert.strictEqual(count({ unread: 0, marked_unread: true, muted_until: forGood }), 0)
  })
})
