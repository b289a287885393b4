/** Who is meant: while one types, when it is sent, and where it is read. */
import { assert, describe, it } from "@effect/vitest"
import type { ChatEvent } from "../../../src/client/index.ts"
import { candidatesFor, mentionsIn, mentionSpans, typedAt, withMention } from "../../../src/web/state/mentions.ts"
import { initial, type State } from "../../../src/web/state/model.ts"
import { makeNames } from "../../../src/web/state/names.ts"
import { type Action, reduce } from "../../../src/web/state/reducer.ts"

const names = makeNames({
  alice: { name: "Alice" },
  bob: { name: "Bob Berg" },
  "auth0|1": { name: "Anna" },
  "auth0|2": { name: "Anna" },
  carol: {}
})
const info = (own: "owner" | "member") => ({
  members: [
    { user: "alice", role: own },
    ...["bob", "auth0|1", "auth0|2", "carol"].map((user) => ({ user, role: "member" as const }))
  ]
})
const meant = (text: string, own: "owner" | "member" = "member") => mentionsIn(text, info(own), names, "alice")
const offered = (query: string, own: "owner" | "member" = "member") =>
  candidatesFor(query, info(own), names, "alice").map(({ label }) => label)

describe("whom a text means", () => {
  it("those of its members whom it calls by name or id, each once, and never oneself", () => {
    assert.deepStrictEqual(meant("@Bob Berg, @carol: @bob @Alice"), ["bob", "carol"])
    assert.deepStrictEqual(meant("(@carol)"), ["carol"])
    assert.deepStrictEqual(meant("@Anna (auth0|2)!"), ["auth0|2"])
  })

  it("nobody in an address, a longer word, by a name of two, or outside of groups", () => {
    assert.deepStrictEqual(meant("mail bob@carol.org or @caroline, @Anna, @mallory"), [])
    assert.deepStrictEqual(mentionsIn("@carol", undefined, names, "alice"), [])
  })

  it("everybody, where an owner or admin says so", () => {
    assert.deepStrictEqual(meant("@all and @carol", "owner"), ["@all"])
    assert.deepStrictEqual(meant("@all and @carol"), ["carol"])
    assert.deepStrictEqual(meant("@allison", "owner"), [])
  })

  it("at most fifty", () => {
    const users = Array.from({ length: 60 }, (_, index) => `u${index}`)
    const group = { members: users.map((user) => ({ user, role: "member" as const })) }
    assert.lengthOf(mentionsIn(users.map((user) => `@${user}`).join(" "), group, names, "alice"), 50)
  })
})

describe("what is offered while one types", () => {
  it("by name, by a word of it and by id, without oneself", () => {
    assert.deepStrictEqual(offered(""), ["Anna (auth0|1)", "Anna (auth0|2)", "Bob Berg", "carol"])
    assert.deepStrictEqual(offered("be"), ["Bob Berg"])
    assert.deepStrictEqual(offered("bob b"), ["Bob Berg"])
    assert.deepStrictEqual(offered("AUTH"), ["Anna (auth0|1)", "Anna (auth0|2)"])
    assert.deepStrictEqual(offered("x"), [])
    assert.include(offered("al", "owner"), "all")
    assert.notInclude(offered("al"), "all")
  })

  it("from an @ that begins a word on, in the same line", () => {
    assert.deepStrictEqual(typedAt("hi @Bo", 6), { from: 3, query: "Bo" })
    assert.deepStrictEqual(typedAt("@", 1), { from: 0, query: "" })
    assert.isUndefined(typedAt("bob@ca", 6))
    assert.isUndefined(typedAt("@ but", 5))
    assert.isUndefined(typedAt("@bob\nyes", 8))
    assert.isUndefined(typedAt("hi @Bo", 2))
  })

  it("takes the place of what was typed, with a space behind it", () => {
    const [bob] = candidatesFor("bo", info("member"), names, "alice")
    assert.deepStrictEqual(withMention("hi @bo, you", { from: 3, query: "bo" }, bob!), {
      text: "hi @Bob Berg , you",
      caret: 13
    })
    assert.deepStrictEqual(withMention("@bo you", { from: 0, query: "bo" }, bob!), { text: "@Bob Berg you", caret: 10 })
  })
})

it("a text shows where it means somebody", () => {
  assert.deepStrictEqual(mentionSpans("hi @Bob Berg and @carol", ["bob"], names), [{ from: 3, to: 12, user: "bob" }])
  assert.deepStrictEqual(mentionSpans("@all!", ["@all"], names), [{ from: 0, to: 4, user: "@all" }])
  assert.deepStrictEqual(mentionSpans("@carol", undefined, names), [])
})

describe("what is counted", () => {
  const id = "group:g1"
  const play = (...actions: ReadonlyArray<Action>): State => actions.reduce(reduce, initial("alice"))
  const event = (value: object): Action => ({ type: "event", event: value as ChatEvent })
  const said = (seq: number, mentions?: ReadonlyArray<string>, sender = "bob") =>
    event({
      type: "incoming_message",
      sender,
      group: "g1",
      conversation: id,
      seq,
      message_id: `m${seq}`,
      at: seq,
      text: "x",
      ...(mentions === undefined ? undefined : { mentions })
    })
  const count = (state: State) => state.conversations[id]!.mentions

  it("unread texts of others that mention the user, or everybody", () => {
    const state = play(
      said(1),
      said(2, ["alice"]),
      said(3, ["@all"]),
      said(4, ["carol"]),
      said(5, ["alice"], "alice"),
      said(3, ["@all"])
    )
    assert.strictEqual(count(state), 2)
    assert.strictEqual(count(reduce(state, { type: "read", conversation: id, upTo: 2 })), 1)
    assert.strictEqual(count(reduce(state, { type: "read", conversation: id, upTo: 5 })), 0)
    const deletion = { type: "message_deleted", conversation: id, seq: 6, message_id: "m6", at: 6, sender: "bob" }
    assert.strictEqual(count(reduce(state, event({ ...deletion, target: 3 }))), 1)
  })
})
