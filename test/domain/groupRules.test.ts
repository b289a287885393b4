import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Role } from "../../src/domain/Entry.ts"
import { detailsAfter, type GroupDetails, noDetails } from "../../src/domain/groupDetails.ts"
import { changeOf, type GroupCommand, maxBans, type Members, transition } from "../../src/domain/groupRules.ts"
import { ClientId, GroupId, Invite, system, UserId } from "../../src/domain/Ids.ts"

const names = ["a", "b", "c", "d"].map((name) => UserId.make(name))
const max = 3
const group = GroupId.make("g")
const join: GroupCommand = { type: "join_group", id: undefined, group, invite: Invite.make("i") }

/** The last one is the operator, who is never in it. */
const senders = [...names, system]

const pick = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 3 })))
const step = Schema.Struct({
  sender: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 4 }))),
  whom: pick,
  role: Role,
  what: Schema.Literals([
    "add_members",
    "remove_members",
    "set_role",
    "rename_group",
    "leave_group",
    "ban_members",
    "unban_members",
    "set_group",
    "join_group"
  ])
})

const commandOf = ({ role, what, whom }: typeof step.Type): GroupCommand => {
  const user = names[whom]!
  switch (what) {
    case "add_members":
    case "remove_members":
    case "ban_members":
    case "unban_members":
      return { type: what, group, members: [user] }
    case "set_group":
      return { type: what, group, description: "at five" }
    case "join_group":
      return join
    case "set_role":
      return { type: what, group, user, role }
    case "rename_group":
      return { type: what, group, name: "x" }
    case "leave_group":
      return { type: what, group }
  }
}

describe("groupRules", () => {
  it.effect.prop(
    "P8 whatever is asked: an owner stays, the bound holds, outsiders change nothing, refusals change nothing",
    [Schema.Array(step).pipe(Schema.check(Schema.isMaxLength(60)))],
    ([steps]) =>
      Effect.sync(() => {
        let members: Members = new Map([[names[0]!, "owner" as const]])
        let details = noDetails
        for (const each of steps) {
          const [sender, user] = [senders[each.sender]!, names[each.whom]!]
          const { banned } = details
          const [before, out] = [Array.from(members), Array.from(banned)]
          const command = commandOf(each)
          const consequence = transition(command, sender, members, max, banned)
          assert.deepStrictEqual([Array.from(members), Array.from(banned)], [before, out])
          if ("code" in consequence) continue
          const isIn = members.has(sender) || (sender === system && members.size > 0)
          if (each.what === "join_group") {
            assert.isTrue(!isIn && members.size > 0 && !banned.has(sender))
            assert.strictEqual(consequence.members.get(sender), "member")
          } else {
            assert.isTrue(isIn)
            const role = members.get(sender) ?? "owner"
            if (each.what !== "leave_group") assert.notStrictEqual(role, "member")
            if (each.what === "set_role") assert.strictEqual(role, "owner")
            const theirs = members.get(user)
            if (each.what === "ban_members" && theirs !== undefined && theirs !== "member") {
              assert.strictEqual(role, "owner")
            }
          }
          if (each.what === "ban_members") {
            assert.deepStrictEqual(consequence.removed, members.has(user) ? [user] : [])
          }
          if (each.what === "unban_members") assert.isTrue(banned.has(user))
          if (each.what === "unban_members" || each.what === "set_group") {
            assert.deepStrictEqual(Array.from(consequence.members), before)
          }
          members = consequence.members
          details = detailsAfter(details, changeOf(command, sender))
          assert.isAtMost(members.size, max)
          if (members.size > 0) assert.include(Array.from(members.values()), "owner")
          for (const each of details.banned.keys()) assert.isFalse(members.has(each), each)
        }
      })
  )

  const [olga, adam, mia, sam] = names as [UserId, UserId, UserId, UserId]
  const three: Members = new Map([[olga, "owner"], [adam, "admin"], [mia, "member"]])
  const codeOf = (
    command: GroupCommand,
    sender: UserId,
    banned: ReadonlyMap<UserId, unknown> = new Map(),
    most = 9
  ) => {
    const consequence = transition(command, sender, three, most, banned)
    return "code" in consequence ? consequence.code : "good"
  }
  const ban = (...members: ReadonlyArray<UserId>): GroupCommand => ({ type: "ban_members", group, members })

  it("who may ban whom: also who is not in, but nobody themselves, and an admin no owner and no admin", () => {
    assert.deepStrictEqual([olga, adam, mia, sam, system].map((who) => codeOf(ban(sam), who)), [
      "good",
      "good",
      "forbidden",
      "not_found",
      "good"
    ])
    assert.deepStrictEqual([codeOf(ban(olga), olga), codeOf(ban(mia, adam), adam)], [
      "invalid_target",
      "invalid_target"
    ])
    assert.deepStrictEqual([codeOf(ban(olga), adam), codeOf(ban(adam), olga)], ["forbidden", "good"])
    // The operator leaves an owner, too.
    assert.deepStrictEqual([codeOf(ban(olga), system), codeOf(ban(...names), system)], ["forbidden", "good"])
    const made = transition(ban(sam, mia), adam, three, max)
    assert.isFalse("code" in made)
    if (!("code" in made)) assert.deepStrictEqual([made.removed, made.added], [[mia], []])
  })

  it("bans are bounded, and whom a group keeps out already counts once", () => {
    const many = new Map(Array.from({ length: maxBans - 1 }, (_, i) => [UserId.make(`u${i}`), true]))
    const known = UserId.make("u0")
    assert.deepStrictEqual([codeOf(ban(sam, known), olga, many), codeOf(ban(sam, mia), olga, many)], [
      "good",
      "forbidden"
    ])
  })

  it("who is banned is not added and does not join, and is told nothing of it; unbanned, they may", () => {
    const banned = new Map([[sam, true]])
    const add: GroupCommand = { type: "add_members", group, members: [sam] }
    const unban: GroupCommand = { type: "unban_members", group, members: [sam] }
    assert.deepStrictEqual([codeOf(add, adam, banned), codeOf(join, sam, banned)], ["forbidden", "not_found"])
    assert.deepStrictEqual([codeOf(add, adam), codeOf(join, sam)], ["good", "good"])
    assert.deepStrictEqual([olga, adam, mia, sam].map((who) => codeOf(unban, who, banned)), [
      "good",
      "good",
      "forbidden",
      "not_found"
    ])
    assert.strictEqual(codeOf(unban, olga), "not_found")
    const [refused, strange] = [transition(join, sam, three, 9, banned), transition(join, sam, new Map(), 9)]
    assert.deepStrictEqual(refused, strange)
  })

  it("who joins: not who is in, not the operator, and nobody where it is full", () => {
    assert.deepStrictEqual([codeOf(join, mia), codeOf(join, system), codeOf(join, sam, new Map(), 3)], [
      "invalid_target",
      "not_found",
      "forbidden"
    ])
    const made = transition(join, sam, three, 4)
    assert.isFalse("code" in made)
    if (!("code" in made)) assert.deepStrictEqual([made.added, made.members.get(sam)], [[sam], "member"])
  })

  it("who describes a group, with what; what is left out stays, and an empty one takes it away", () => {
    const set = (more: object): GroupCommand => ({ type: "set_group", group, ...more })
    assert.deepStrictEqual([olga, adam, mia, sam].map((who) => codeOf(set({ description: "x" }), who)), [
      "good",
      "good",
      "forbidden",
      "not_found"
    ])
    assert.strictEqual(codeOf(set({}), olga), "invalid_frame")
    const after = (details: GroupDetails, more: object) => detailsAfter(details, changeOf(set(more), olga))
    const first = after(noDetails, { name: "tea", description: "at five", avatar: "f1" })
    assert.deepStrictEqual<object>(first, { ...noDetails, name: "tea", description: "at five", avatar: "f1" })
    assert.deepStrictEqual<object>(after(first, { avatar: "f2" }), { ...first, avatar: "f2" })
    const bare = after(first, { description: "", avatar: "" })
    assert.deepStrictEqual<object>(bare, { ...noDetails, name: "tea" })
  })

  it("who the operator says owns a group that the operator begins", () => {
    const [owner, member] = [names[1]!, names[0]!]
    const found = { type: "found_group", id: ClientId.make("1"), name: "x", owner, members: [member, owner] } as const
    const made = transition(found, system, new Map(), max)
    assert.isFalse("code" in made)
    if ("code" in made) return
    assert.deepStrictEqual<unknown>(Array.from(made.members), [[owner, "owner"], [member, "member"]])
    assert.deepStrictEqual(made.added, [owner, member])
  })

  it("the one who creates a group owns it, once, whether named or not", () => {
    for (const members of [[names[1]!], [names[0]!, names[1]!]]) {
      const made = transition({ type: "create_group", name: "x", members }, names[0]!, new Map(), max)
      assert.isFalse("code" in made)
      if ("code" in made) return
      assert.deepStrictEqual<unknown>(Array.from(made.members), [[names[0], "owner"], [names[1], "member"]])
      assert.deepStrictEqual(made.added, [names[1]!])
    }
  })
})
