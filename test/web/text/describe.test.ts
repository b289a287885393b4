import { assert, describe, it } from "@effect/vitest"
import type { GroupChange } from "../../../src/domain/Entry.ts"
import { describeChange, describeTyping } from "../../../src/web/text/describe.ts"
import { dayName, moment, whereabouts } from "../../../src/web/text/time.ts"

const change = (value: object) => value as GroupChange

describe("sentences", () => {
  it("say what happened to a group, and call the reader “you”", () => {
    const said = (by: string, value: object) => describeChange(by, change(value), "alice")
    const members = ["bob", "alice", "carol"].map((user) => ({ user, role: "member" }))
    assert.strictEqual(
      said("bob", { action: "created", name: "Hikes", members }),
      "bob created “Hikes” with you and carol"
    )
    assert.strictEqual(said("alice", { action: "members_added", members: ["dora"] }), "You added dora")
    assert.strictEqual(said("bob", { action: "members_removed", members: ["alice"] }), "bob removed you")
    assert.strictEqual(said("bob", { action: "role_set", user: "carol", role: "admin" }), "bob made carol an admin")
    assert.strictEqual(said("bob", { action: "left" }), "bob left")
    assert.strictEqual(said("@system", { action: "renamed", name: "Hikes" }), "The operator named the group “Hikes”")
    assert.strictEqual(said("bob", { action: "of a later version" }), "bob changed the group")
  })

  it("say who types", () => {
    assert.strictEqual(describeTyping([]), "")
    assert.strictEqual(describeTyping(["bob"]), "bob is typing")
    assert.strictEqual(describeTyping(["bob", "carol"]), "bob and carol are typing")
    assert.strictEqual(describeTyping(["a", "b", "c", "d"]), "Several people are typing")
  })

  it("say when", () => {
    const now = new Date(2026, 10, 23, 12).getTime()
    const seen = (lastSeen: number | undefined) => whereabouts({ online: false, lastSeen }, now)
    const ago = (days: number) => now - days * 86_400_000
    assert.strictEqual(dayName(now, now), "Today")
    assert.strictEqual(dayName(ago(1), now), "Yesterday")
    assert.strictEqual(dayName(ago(3), now), "Friday")
    assert.notInclude(dayName(ago(20), now), "2026")
    assert.include(dayName(ago(400), now), "2025")
    assert.strictEqual(moment(0, now), "")
    assert.strictEqual(moment(ago(1), now), "Yesterday")
    assert.strictEqual(seen(undefined), "offline")
    assert.strictEqual(seen(now - 5 * 60_000), "last seen 5 min ago")
  })
})
