/** `@name` at a terminal is a mention of a member, and of nobody else. */
import { assert, describe, it } from "@effect/vitest"
import { entryLine, plainStyle, saidOf } from "../../../src/cli/chat/format.ts"
import { Members } from "../../../src/cli/chat/Members.ts"
import type { LogEvent } from "../../../src/client/types.ts"
import { UserId } from "../../../src/domain/Ids.ts"

const changed = (change: object, by = "alice") =>
  // What is not looked at is left out.
  ({ type: "group_changed", conversation: "group:tea", by, change }) as unknown as LogEvent

const tea = (...users: ReadonlyArray<string>) => {
  const members = new Members()
  members.learn("group:tea", users.map((user, i) => ({ user: UserId.make(user), role: i === 0 ? "owner" : "member" })))
  return members
}

describe("Members", () => {
  it("are mentioned by their whole name, wherever it stands", () => {
    const members = tea("alice", "bob", "bob.b", "a@b.example", "+4917012345")
    const mentions = (text: string) => members.mentionsIn("group:tea", text, "bob")
    assert.deepStrictEqual(mentions("@bob, are you there?"), ["bob"])
    assert.deepStrictEqual(mentions("(@bob) and @alice."), ["alice", "bob"])
    assert.deepStrictEqual(mentions("@bob.b. is another"), ["bob.b"])
    assert.deepStrictEqual(mentions("write to @a@b.example or call @+4917012345"), ["a@b.example", "+4917012345"])
    for (const text of ["bob", "mail@bob", "@bobby", "@bob-by", "@@bob", "@eve", "", "@"]) {
      assert.isEmpty(mentions(text), text)
    }
    assert.isEmpty(members.mentionsIn("group:other", "@bob", "alice"))
  })

  it("everybody is meant where the writer may say so", () => {
    const members = tea("alice", "bob")
    assert.deepStrictEqual(members.mentionsIn("group:tea", "@all and @bob", "alice"), ["@all"])
    assert.deepStrictEqual(members.mentionsIn("group:tea", "@all and @bob", "bob"), ["bob"])
    members.hear(changed({ action: "role_set", user: "bob", role: "admin" }))
    assert.deepStrictEqual(members.mentionsIn("group:tea", "@all", "bob"), ["@all"])
    assert.isEmpty(members.mentionsIn("group:tea", "@allotment", "alice"))
  })

  it("come and go", () => {
    const members = tea("alice", "bob")
    const are = (...names: ReadonlyArray<string>) =>
      assert.deepStrictEqual(members.mentionsIn("group:tea", "@bob @carol @dave", "alice"), names)
    members.hear(changed({ action: "members_added", members: ["carol"] }))
    members.hear(changed({ action: "joined" }, "dave"))
    are("bob", "carol", "dave")
    members.hear(changed({ action: "members_removed", members: ["bob"] }))
    members.hear(changed({ action: "left" }, "dave"))
    are("carol")
  })
})

describe("a line of a message", () => {
  const event = {
    type: "incoming_message",
    sender: "alice",
    conversation: "c",
    seq: 1,
    message_id: "m",
    at: 0,
    text: "hi"
  }
  const line = (more: object, me = "bob") => entryLine({ ...event, ...more } as LogEvent, plainStyle, { me }).slice(6)

  it("says that it is for whoever reads it", () => {
    assert.strictEqual(line({ mentions: ["bob"] }), "#1 alice: *@you* hi")
    assert.strictEqual(line({ mentions: ["@all"] }), "#1 alice: *@you* hi")
    assert.strictEqual(line({ mentions: ["@all"] }, "alice"), "#1 alice: hi")
    assert.strictEqual(line({ mentions: ["carol"] }), "#1 alice: hi")
  })

  it("has something to see where an app's data is all there is", () => {
    assert.strictEqual(line({ text: "", data: {} }), "#1 alice: [a card]")
    assert.strictEqual(line({ data: {} }), "#1 alice: hi")
    assert.strictEqual(saidOf({ text: "", data: {} }), "[a card]")
  })
})
