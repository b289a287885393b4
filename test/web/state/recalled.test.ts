/** What is kept of the state, and what becomes of it once the server has told how things are. */
import { assert, describe, it } from "@effect/vitest"
import type { ChatEvent, ConversationSummary, Entry, HistoryPage } from "../../../src/client/index.ts"
import { type Conversation, initial, type State } from "../../../src/web/state/model.ts"
import { keep, keptOf, maxConversations, maxItems } from "../../../src/web/state/recalled.ts"
import { type Action, reduce } from "../../../src/web/state/reducer.ts"

const id = "dm:alice:bob"
const other = "dm:alice:carol"

const play = (...actions: ReadonlyArray<Action>): State => actions.reduce(reduce, initial("alice"))
const text = (seq: number, more: object = {}): Entry =>
  ({
    kind: "text",
    seq,
    message_id: `m${seq}`,
    sender: "bob",
    at: 1_000 + seq,
    text: `text ${seq}`,
    ...more
  }) as unknown as Entry
const page = (conversation: string, ...messages: ReadonlyArray<Entry>): HistoryPage =>
  ({
    type: "history_page",
    conversation,
    messages,
    has_more: false,
    first_seq: 1,
    head_seq: messages.at(-1)?.seq ?? 0
  }) as unknown as HistoryPage
const history = (conversation: string, ...messages: ReadonlyArray<Entry>): Action => ({
  type: "page",
  page: page(conversation, ...messages)
})
const listed = (...all: ReadonlyArray<readonly [conversation: string, head: number]>): Action => ({
  type: "listed",
  more: false,
  conversations: all.map(([conversation, head]) => ({
    conversation,
    kind: "direct",
    peer: conversation.split(":")[2],
    head_seq: head,
    received: head,
    read: 0,
    unread: head,
    last_at: 1_000 + head
  })) as unknown as ReadonlyArray<ConversationSummary>
})
const texts = (state: State, conversation = id) =>
  state.conversations[conversation]?.items.map((item) => item.kind === "text" ? item.text : "")
const write = (state: State): ReadonlyArray<Conversation> =>
  keptOf(state).map((each) => keep(each, state.people).conversation)

const before = write(play(
  listed([id, 2], [other, 1]),
  history(id, text(1), text(2)),
  history(other, text(1))
))
const recalled: Action = { type: "recalled", conversations: before }

describe("what is kept", () => {
  it("is bounded, the latest of all, without bytes and addresses of files", () => {
    const attachments = [{ file: "f", name: "a.png", type: "image/png", size: 9, preview: "AAAA", url: "/v1/files/f" }]
    const many = Array.from({ length: 80 }, (_, i) => [`dm:alice:u${i}`, 1 + i] as const)
    const entries = Array.from({ length: 120 }, (_, i) => text(1 + i, { attachments }))
    const kept = write(play(listed(...many, [id, 120]), history(id, ...entries)))
    assert.strictEqual(kept.length, maxConversations)
    const [first] = kept
    assert.strictEqual(first?.id, id)
    assert.deepStrictEqual([first?.items.length, first?.low, first?.high], [maxItems, 71, 120])
    assert.notMatch(JSON.stringify(kept), /AAAA|v1\/files/)
    assert.include(JSON.stringify(kept), "a.png")
  })
})

// Of how people are shown only these fields are read.
const bob: Action = { type: "people", list: { profiles: [{ user: "bob", name: "Bob Berg" }] } } as unknown as Action

describe("what people are called", () => {
  it("is kept with the conversations they are in, and shown until the server tells it anew", () => {
    const state = play(listed([id, 1], [other, 1]), history(id, text(1)), bob)
    const kept = keptOf(state).map((each) => keep(each, state.people))
    assert.deepStrictEqual(kept.map(({ id, names }) => [id, names]), [[id, { bob: "Bob Berg" }], [other, {}]])
    const names = { bob: "Bob Berg", carol: "Carol" }
    const shown = play({ type: "recalled", conversations: before, names })
    assert.deepStrictEqual(shown.people, {
      bob: { name: "Bob Berg", recalled: true },
      carol: { name: "Carol", recalled: true }
    })
    // Nobody is called so any more, or it is said once more.
    const told = [listed([id, 2]), {
      ...bob,
      list: { profiles: [{ user: "bob", name: "Bob Berg" }], unknown: ["carol"] }
    }]
    assert.deepStrictEqual((told as ReadonlyArray<Action>).reduce(reduce, shown).people, {
      bob: { name: "Bob Berg" },
      carol: { unseen: true }
    })
    assert.deepStrictEqual(reduce(shown, { type: "forgotten" }).people, {})
    // What the server has told already is no matter of memory.
    assert.deepStrictEqual(play(bob, { type: "recalled", conversations: before, names }).people["bob"], {
      name: "Bob Berg"
    })
  })
})

describe("what is recalled", () => {
  it("is shown until the list is there, and in the open conversation until its messages are", () => {
    const opened: Action = { type: "opened", conversation: id }
    const shown = play(opened, recalled)
    assert.deepStrictEqual([texts(shown), texts(shown, other)], [["text 1", "text 2"], ["text 1"]])
    const told = [opened, recalled, listed([id, 2], [other, 1])]
    assert.deepStrictEqual([texts(play(...told)), texts(play(...told), other)], [["text 1", "text 2"], []])
    // The second was erased meanwhile, and the first deleted.
    const truth = play(...told, history(id, text(1, { deleted: true, text: undefined })))
    assert.deepStrictEqual([texts(truth), truth.conversations[id]?.recalled], [[""], undefined])
  })

  it("is gone where the list does not tell of it, and where the server does not show its messages", () => {
    assert.deepStrictEqual(Object.keys(play(recalled, listed([id, 2])).conversations), [id])
    const refused = play(
      { type: "opened", conversation: other },
      recalled,
      listed([id, 2]),
      { type: "refused", conversation: other }
    )
    assert.deepStrictEqual(texts(refused, other), [])
  })

  it("comes too late after the list", () => {
    assert.deepStrictEqual(Object.keys(play(listed([id, 2]), recalled).conversations), [id])
  })

  it("takes nothing new between its messages: there may be a gap", () => {
    const push: Action = {
      type: "event",
      event: { ...text(9), kind: undefined, type: "incoming_message", conversation: id } as unknown as ChatEvent
    }
    assert.deepStrictEqual(texts(play({ type: "opened", conversation: id }, recalled, push)), ["text 1", "text 2"])
    assert.deepStrictEqual(texts(play(recalled, push)), ["text 9"])
  })

  it("is not shown to whom the server does not know any longer", () => {
    const state = play({ type: "opened", conversation: id }, recalled, { type: "forgotten" })
    assert.deepStrictEqual([texts(state), texts(state, other)], [[], undefined])
  })
})
