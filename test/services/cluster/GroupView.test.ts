/** P8 an entry of a group is heard by those who were in at its place of the log, wherever it was written. */
import { assert, describe, it } from "@effect/vitest"
import type { Entry, GroupChange, GroupHistory } from "../../../src/domain/Entry.ts"
import { type ConversationId, GroupId, type MessageId, UserId } from "../../../src/domain/Ids.ts"
import { GroupView } from "../../../src/services/cluster/GroupView.ts"
import type { GroupState } from "../../../src/services/storage/GroupState.ts"

const [ann, bob, cy, dan] = ["ann", "bob", "cy", "dan"].map((name) => UserId.make(name)) as [
  UserId,
  UserId,
  UserId,
  UserId
]
const tea = GroupId.make("tea")

/** As it was read: ten entries, and Ann is in from the beginning. */
const readAs = (state: Partial<GroupState>) =>
  new GroupView({
    group: tea,
    conversation: "group:tea" as ConversationId,
    name: "tea",
    history: "joined",
    headSeq: 10,
    version: 3,
    members: [{ user: ann, role: "owner", firstVisible: 1 }],
    ...state
  })

/** Bob is in since 5. */
const view = (history: GroupHistory = "joined") =>
  readAs({
    history,
    members: [{ user: ann, role: "owner", firstVisible: 1 }, { user: bob, role: "member", firstVisible: 5 }]
  })

const placed = (seq: number, sender = ann) => ({ seq, sender, message_id: "" as MessageId, at: 0 })
const text = (seq: number): Entry => ({ kind: "text", ...placed(seq), text: "" })
const changed = (seq: number, change: GroupChange, sender = ann): Entry => ({
  kind: "group",
  ...placed(seq, sender),
  group: tea,
  change
})
const added = (...members: ReadonlyArray<UserId>): GroupChange => ({ action: "members_added", members })
const removed = (...members: ReadonlyArray<UserId>): GroupChange => ({ action: "members_removed", members })

describe("GroupView", () => {
  it("what was written before the group was read is for those who may see it, and who went hears the last", () => {
    const group = view()
    assert.deepStrictEqual(group.audience(text(4), 1), { users: [ann] })
    assert.deepStrictEqual(group.audience(text(5), undefined), { users: [ann, bob] })
    // Bob is in again; Cy is not.
    assert.deepStrictEqual(group.audience(changed(3, removed(bob, cy)), 2), { users: [ann], removed: [cy] })
    assert.deepStrictEqual(group.audience(changed(7, { action: "left" }, cy), 3), { users: [ann, bob], removed: [cy] })
    assert.deepStrictEqual([group.headSeq, group.version], [10, 3])
  })

  it("changes are followed in the order of the log", () => {
    const group = view()
    assert.deepStrictEqual(group.audience(changed(11, added(cy, bob)), 4), { users: [ann, bob, cy] })
    assert.deepStrictEqual(group.audience(changed(12, removed(bob)), 5), { users: [ann, cy], removed: [bob] })
    assert.deepStrictEqual(group.audience(changed(13, { action: "renamed", name: "tee" }), 6), { users: [ann, cy] })
    assert.deepStrictEqual(group.audience(changed(14, { action: "role_set", user: cy, role: "admin" }), 7), {
      users: [ann, cy]
    })
    assert.deepStrictEqual(group.audience(changed(15, { action: "left" }, ann), 8), { users: [cy], removed: [ann] })
    assert.deepStrictEqual(group.audience(text(16), 8), { users: [cy] })
    assert.deepStrictEqual([group.headSeq, group.version], [16, 8])
    // Who came by 11 does not hear 10; who was in keeps what they may see.
    assert.deepStrictEqual(group.audience(text(10), 3), { users: [] })
  })

  it("where newcomers may see everything, they may hear what comes late as well", () => {
    const group = view("all")
    group.audience(changed(11, added(cy)), 4)
    assert.deepStrictEqual(group.audience(text(2), 2), { users: [ann, cy] })
  })

  it("who is banned hears it and nothing after it; who was not in hears nothing of it, nor of an end of it", () => {
    const group = view()
    const banned: GroupChange = { action: "members_banned", members: [bob, cy], reason: "noise" }
    assert.deepStrictEqual(group.audience(changed(11, banned), 4), { users: [ann], removed: [bob] })
    assert.deepStrictEqual(group.audience(text(12), 4), { users: [ann] })
    const unbanned: GroupChange = { action: "members_unbanned", members: [bob, cy] }
    assert.deepStrictEqual(group.audience(changed(13, unbanned), 5), { users: [ann] })
    assert.deepStrictEqual([group.headSeq, group.version], [13, 5])
  })

  it("who joins hears it, and what is said from then on; a description takes nobody in or out", () => {
    const group = view()
    const described: GroupChange = { action: "described", description: "at five", avatar: "f" }
    const { users } = group.audience(changed(11, described), 4)!
    assert.deepStrictEqual(users, [ann, bob])
    assert.deepStrictEqual(group.audience(changed(12, { action: "joined" }, cy), 5), { users: [ann, bob, cy] })
    assert.deepStrictEqual(group.audience(text(11), 4), { users: [ann, bob] })
    const all = view("all")
    all.audience(changed(11, { action: "joined" }, cy), 4)
    assert.deepStrictEqual(all.audience(text(2), 2), { users: [ann, cy] })
  })

  it("P8 a ban that was written before the group was read is heard by those who went by it, and by no other", () => {
    // Bob went at 7, by the ban; Cy had left at 4, and Dan never was in.
    const group = readAs({ version: 3, banned: [{ user: bob, left: 7 }, { user: cy, left: 4 }, { user: dan }] })
    const banned: GroupChange = { action: "members_banned", members: [bob, cy, dan] }
    assert.deepStrictEqual(group.audience(changed(7, banned), 3), { users: [ann], removed: [bob] })
    assert.deepStrictEqual(group.audience(changed(9, banned), 3), { users: [ann] })
    assert.deepStrictEqual(group.audience(changed(4, { action: "left" }, cy), 2), { users: [ann], removed: [cy] })
  })

  it("P8 so is one that has ended by then; who went before it, or is long gone, hears nothing of it", () => {
    const group = readAs({ version: 4, gone: [{ user: bob, left: 7 }, { user: cy, left: 4 }] })
    const banned: GroupChange = { action: "members_banned", members: [bob, cy, dan] }
    assert.deepStrictEqual(group.audience(changed(7, banned), 3), { users: [ann], removed: [bob] })
    assert.deepStrictEqual(group.audience(changed(9, { action: "members_unbanned", members: [bob] }), 4), {
      users: [ann]
    })
  })

  it("a group that begins", () => {
    const group = new GroupView({
      group: tea,
      conversation: "group:tea" as ConversationId,
      name: "",
      history: "joined",
      headSeq: 0,
      version: 0,
      members: []
    })
    const members = [{ user: ann, role: "owner" as const }, { user: bob, role: "member" as const }]
    const created = changed(1, { action: "created", name: "tea", members, history: "all" })
    assert.deepStrictEqual(group.audience(created, 1), { users: [ann, bob] })
    group.audience(changed(2, added(cy)), 2)
    assert.deepStrictEqual(group.audience(text(1), 1), { users: [ann, bob, cy] })
  })

  it("the list is the same one for as long as the members are", () => {
    const group = view()
    const { users } = group.audience(text(11), 3)!
    assert.strictEqual(group.audience(changed(12, { action: "renamed", name: "tee" }), 4)!.users, users)
    assert.strictEqual(group.audience(text(10), 3)!.users, users)
    assert.notStrictEqual(group.audience(changed(13, added(cy)), 5)!.users, users)
  })

  it("P8 another version means that the group is another, and nothing is taken over", () => {
    const group = view()
    assert.isUndefined(group.audience(text(11), 4))
    assert.isUndefined(group.audience(changed(11, added(cy)), 5))
    assert.isUndefined(group.audience(changed(11, added(cy)), 3))
    assert.deepStrictEqual([group.headSeq, group.version], [10, 3])
    // Left out is harmless where the version says so; where nobody says, it is not known.
    assert.isUndefined(group.audience(text(12), undefined))
    assert.deepStrictEqual(group.audience(text(12), 3), { users: [ann, bob] })
    assert.deepStrictEqual(group.audience(text(13), undefined), { users: [ann, bob] })
  })
})
