import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Role } from "../../src/domain/Entry.ts"
import { type GroupCommand, type Members, transition } from "../../src/domain/groupRules.ts"
import { ClientId, GroupId, system, UserId } from "../../src/domain/Ids.ts"

const names = ["a", "b", "c", "d"].map((name) => UserId.make(name))
const max = 3
const group = GroupId.make("g")

/** The last one is the operator, who is never in it. */
const senders = [...names, system]

const pick = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 3 })))
const step = Schema.Struct({
  sender: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 4 }))),
  whom: pick,
  role: Role,
  what: Schema.Literals(["add_members", "remove_members", "set_role", "rename_group", "leave_group"])
})

const commandOf = ({ role, what, whom }: typeof step.Type): GroupCommand => {
  const user = names[whom]!
  switch (what) {
    case "add_members":
    case "remove_members":
      return { type: what, group, members: [user] }
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
        for (const each of steps) {
          const sender = senders[each.sender]!
          const before = Array.from(members)
          const consequence = transition(commandOf(each), sender, members, max)
          assert.deepStrictEqual(Array.from(members), before)
          if ("code" in consequence) continue
          assert.isTrue(members.has(sender) || (sender === system && members.size > 0))
          const role = members.get(sender) ?? "owner"
          if (each.what !== "leave_group") assert.notStrictEqual(role, "member")
          if (each.what === "set_role") assert.strictEqual(role, "owner")
          members = consequence.members
          assert.isAtMost(members.size, max)
          if (members.size > 0) assert.include(Array.from(members.values()), "owner")
        }
      })
  )

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
