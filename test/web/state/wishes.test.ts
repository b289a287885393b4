/** What a user wants of conversations, and who deleted what in them. */
import { assert, describe, it } from "@effect/vitest"
import type { ChatEvent, ConversationSummary, HistoryPage } from "../../../src/client/index.ts"
import { forGood } from "../../../src/domain/frames/Preferences.ts"
import { initial, type State, type TextItem } from "../../../src/web/state/model.ts"
import { namesOf } from "../../../src/web/state/names.ts"
import { type Action, reduce } from "../../../src/web/state/reducer.ts"
import { folded, goneText, sorted } from "../../../src/web/state/selectors.ts"
import { isForGood, mutedUntil } from "../../../src/web/state/wishes.ts"

const id = "dm:alice:bob"
const play = (...actions: ReadonlyArray<Action>): State => actions.reduce(reduce, initial("alice"))
const event = (value: object): Action => ({ type: "event", event: value as ChatEvent })
const text = (seq: number, sender = "bob") =>
  event({ type: "incoming_message", sender, conversation: id, seq, message_id: `m${seq}`, at: seq, text: "x" })
const settings = (more: object) => event({ type: "conversation_settings", conversation: id, ...more })
const at = (state: State) => state.conversations[id]!

describe("wishes", () => {
  it("are what the server last told, in a list or live", () => {
    const listed = play({
      type: "listed",
      conversations: [{
        conversation: id,
        kind: "direct",
        peer: "bob",
        head_seq: 0,
        received: 0,
        read: 0,
        unread: 0,
        muted_until: forGood,
        archived: true
      }] as unknown as ReadonlyArray<ConversationSummary>
    })
    assert.deepStrictEqual(at(listed).wishes, { mutedUntil: forGood, archived: true })
    assert.isTrue(isForGood(mutedUntil(at(listed), 1)!))
    const live = reduce(listed, settings({ muted_until: 500, mutes_mentions: true, marked_unread: true }))
    assert.deepStrictEqual(at(live).wishes, { mutedUntil: 500, mutesMentions: true, markedUnread: true })
    assert.strictEqual(mutedUntil(at(live), 499), 500)
    assert.isUndefined(mutedUntil(at(live), 500))
    const unmuted = reduce(live, { type: "muted", conversation: id, until: 0, mentions: false })
    assert.deepStrictEqual(at(unmuted).wishes, { markedUnread: true })
  })

  it("what is archived is out of the list until the next message", () => {
    const archived = play(text(1), settings({ archived: true }))
    assert.deepStrictEqual(folded(sorted(archived)).archived.map((each) => each.id), [id])
    assert.deepStrictEqual(folded(sorted(reduce(archived, text(1)))).archived.map((each) => each.id), [id])
    assert.deepStrictEqual(folded(sorted(reduce(archived, text(2)))).shown.map((each) => each.id), [id])
  })

  it("what is marked as unread is so until it is read, also where all was read", () => {
    const read = play(text(1), { type: "read", conversation: id, upTo: 1 }, settings({ marked_unread: true }))
    assert.isTrue(at(read).wishes.markedUnread)
    assert.deepStrictEqual(at(reduce(read, { type: "read", conversation: id, upTo: 1 })).wishes, {})
  })

  it("a mark ends with the user's own receipt, at whatever place, and not because a device received something", () => {
    const receipt = (user: string, delivered: number, read: number) =>
      event({ type: "receipt", conversation: id, user, delivered, read })
    const marked = play(text(1), { type: "read", conversation: id, upTo: 1 }, settings({ marked_unread: true }))
    assert.deepStrictEqual(at(reduce(marked, receipt("alice", 1, 1))).wishes, {})
    assert.isTrue(at(reduce(marked, receipt("bob", 1, 1))).wishes.markedUnread)
    const more = [text(2, "alice"), text(3), receipt("alice", 3, 1)].reduce(reduce, marked)
    assert.isTrue(at(more).wishes.markedUnread)
    assert.strictEqual(at(more).unread, 1)
    // Read at the old place, and at a new one.
    assert.deepStrictEqual(at(reduce(more, receipt("alice", 3, 1))).wishes, {})
    assert.deepStrictEqual(at(reduce(more, receipt("alice", 3, 3))).wishes, {})
    assert.strictEqual(at(reduce(more, receipt("alice", 3, 3))).unread, 0)
  })

  it("reading privately is known on all devices", () => {
    assert.isTrue(play(event({ type: "settings", read_privately: true })).readPrivately)
  })
})

describe("what somebody else deleted", () => {
  const deletion = { kind: "delete", seq: 3, message_id: "m3", at: 3, sender: "carol", target: 1 }
  const said = (state: State) => goneText(at(state).items[0] as TextItem, "alice", namesOf(state))
  const page = (...messages: ReadonlyArray<object>): Action => ({
    type: "page",
    page: {
      type: "history_page",
      conversation: id,
      messages,
      has_more: false,
      first_seq: 1,
      head_seq: 3
    } as unknown as HistoryPage
  })

  it("says by whom, whether it is seen live or read later", () => {
    const live = play(
      text(1),
      text(2),
      event({ type: "message_deleted", conversation: id, seq: 3, message_id: "m3", at: 3, sender: "carol", target: 1 })
    )
    assert.strictEqual(said(live), "Deleted by carol")
    const gone = { kind: "text", seq: 1, message_id: "m1", at: 1, sender: "bob", deleted: true }
    assert.strictEqual(said(play(page(gone, deletion))), "Deleted by carol")
    assert.strictEqual(said(play(page(gone, { ...deletion, sender: "bob" }))), "Message deleted")
    assert.strictEqual(said(play(page(gone, { ...deletion, sender: "alice" }))), "Deleted by you")
    assert.strictEqual(said(play(page(gone))), "Message deleted")
  })
})
