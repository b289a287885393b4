/** How people are called: by name, and never so that one could be taken for another. */
import { assert, describe, it } from "@effect/vitest"
import type { ChatEvent, ConversationSummary, GroupInfo } from "../../../src/client/index.ts"
import { lookUp } from "../../../src/web/state/lookUp.ts"
import { initial, type State } from "../../../src/web/state/model.ts"
import { makeNames, namesOf } from "../../../src/web/state/names.ts"
import type { People } from "../../../src/web/state/person.ts"
import { type Action, reduce } from "../../../src/web/state/reducer.ts"
import { previewOf } from "../../../src/web/state/selectors.ts"
import { shortId, tagOf } from "../../../src/web/text/ids.ts"
import { skeletonOf } from "../../../src/web/text/lookAlikes.ts"

const play = (...actions: ReadonlyArray<Action>): State => actions.reduce(reduce, initial("alice"))
const event = (value: object): Action => ({ type: "event", event: value as ChatEvent })
const called = (people: People) => {
  const names = makeNames(people)
  return Object.fromEntries(Object.keys(people).map((user) => [user, names.of(user)]))
}
const long = `auth0|${"0123456789".repeat(12)}zz`

describe("names", () => {
  it("stand for ids, and an id stands for itself", () => {
    const names = makeNames({ bob: { name: "Bob Berg" }, carol: {} })
    assert.deepStrictEqual(["bob", "carol", "dora"].map(names.of), ["Bob Berg", "carol", "dora"])
    assert.strictEqual(names.of("@system"), "The operator")
    assert.strictEqual(names.of("constructor"), "constructor")
  })

  it("two people of one name are told apart, however it is written", () => {
    assert.deepStrictEqual(
      called({ "auth0|1234567890": { name: "Anna Berg" }, anna: { name: "Аnnа  bеrg" }, bob: { name: "Bob" } }),
      { "auth0|1234567890": "Anna Berg (auth0|12…7890)", anna: "Аnnа  bеrg (anna)", bob: "Bob" }
    )
  })

  it("nobody is called as somebody else's id, or as the page calls the operator", () => {
    assert.deepStrictEqual(
      called({ mallory: { name: "bob" }, bob: {}, eve: { name: "The Operator" } }),
      { mallory: "bob (mallory)", bob: "bob", eve: "The Operator (eve)" }
    )
  })

  it("ids that are the same where they are cut are shown whole beside the name", () => {
    const [a, b] = ["auth0|12-one-34ef", "auth0|12-two-34ef"]
    assert.deepStrictEqual(called({ [a]: { name: "Anna" }, [b]: { name: "Anna" } }), {
      [a]: `Anna (${a})`,
      [b]: `Anna (${b})`
    })
  })

  it("in a sentence a name from right to left turns nothing around it", () => {
    const names = makeNames({ dana: { name: "דנה" }, bob: { name: "Bob" } })
    assert.strictEqual(names.within("dana"), "\u2068דנה\u2069")
    assert.strictEqual(names.within("bob"), "Bob")
  })

  it("long ids are cut in the middle, UUIDs are not", () => {
    assert.strictEqual(long.length, 128)
    assert.strictEqual(shortId(long), "auth0|01234567890123…0123456789zz".replace("0123456789zz", long.slice(-12)))
    assert.strictEqual(shortId("7d3b1c5e-90aa-4f6e-8b1a-1f2e3d4c5b6a"), "7d3b1c5e-90aa-4f6e-8b1a-1f2e3d4c5b6a")
    assert.strictEqual(tagOf("bob"), "bob")
  })

  it("look-alikes have one skeleton", () => {
    for (const [a, b] of [["Bob", "Воb"], ["Ivan", "lvan"], ["O0", "oo"], ["José", "Jose\u0301"], ["a\u200bb", "ab"]]) {
      assert.strictEqual(skeletonOf(a!), skeletonOf(b!))
    }
    assert.notStrictEqual(skeletonOf("Anna"), skeletonOf("Hanna"))
  })
})

describe("what is learnt of people", () => {
  const summary = (more: object): Action => ({
    type: "listed",
    conversations: [
      {
        conversation: "dm:alice:bob",
        kind: "direct",
        peer: "bob",
        head_seq: 0,
        received: 0,
        read: 0,
        unread: 0,
        ...more
      }
    ] as unknown as ReadonlyArray<ConversationSummary>
  })
  const info = {
    type: "group_info",
    group: "g1",
    conversation: "group:g1",
    name: "Hikes",
    members: [{ user: "alice", role: "owner" }, {
      user: "bob",
      role: "member",
      name: "Bob",
      avatar_url: "/v1/files/a"
    }],
    head_seq: 1,
    history: "joined"
  } as unknown as GroupInfo

  it("comes from lists, groups, answers and pushes", () => {
    const told = play(summary({ name: "Bobby", avatar_url: "/v1/files/b" }))
    assert.deepStrictEqual(told.people, { bob: { name: "Bobby", picture: "/v1/files/b" } })
    const pushed = reduce(told, event({ type: "profile", user: "bob", name: "Bob", status: "at sea", updated_at: 1 }))
    assert.deepStrictEqual(pushed.people, { bob: { name: "Bob", status: "at sea" } })
    const listed = reduce(pushed, { type: "group", info })
    assert.deepStrictEqual(listed.people, { alice: {}, bob: { name: "Bob", picture: "/v1/files/a", status: "at sea" } })
  })

  it("what says nothing new changes nothing, so that nothing is drawn again", () => {
    const told = play(summary({ name: "Bob" }))
    assert.strictEqual(reduce(told, summary({ name: "Bob" })).people, told.people)
    assert.strictEqual(namesOf(reduce(told, summary({ name: "Bob" }))), namesOf(told))
  })

  it("somebody is unseen until they are heard of", () => {
    const told = play({ type: "people", list: { profiles: [], unknown: ["bob"] as never } })
    assert.deepStrictEqual(told.people, { bob: { unseen: true } })
    const message = { sender: "bob", conversation: "dm:alice:bob", seq: 1, message_id: "m1", at: 1, text: "hi" }
    assert.deepStrictEqual(reduce(told, event({ type: "incoming_message", ...message })).people, { bob: {} })
    assert.isUndefined(lookUp(told.people, "toString"))
  })

  it("is heard and previewed by name", () => {
    const state = play(
      { type: "group", info },
      { type: "opened", conversation: "group:g1" },
      event({
        type: "incoming_message",
        sender: "bob",
        group: "g1",
        conversation: "group:g1",
        seq: 2,
        message_id: "m2",
        at: 2,
        text: "hello"
      }),
      event({
        type: "group_changed",
        group: "g1",
        conversation: "group:g1",
        seq: 3,
        by: "bob",
        at: 3,
        change: { action: "members_banned", members: ["carol", "alice"], reason: "spam" }
      })
    )
    assert.deepStrictEqual(state.heard.map(({ text }) => text), [
      "Bob: hello",
      "Bob banned carol and you: “spam”"
    ])
    assert.strictEqual(
      previewOf(state.conversations["group:g1"]!, [], state).text,
      "Bob banned carol and you: “spam”"
    )
    assert.isTrue(state.conversations["group:g1"]!.gone)
  })
})
