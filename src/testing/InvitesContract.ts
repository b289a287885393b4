/**
 * What `Invites` and the store beside it have to do, as a list of named effects, like `messageStoreContract`: run each
 * against a store of your own. Each case uses names of its own, so all of them can run on one store.
 */
import { Effect } from "effect"
import assert from "node:assert/strict"
import type { Invite, UserId } from "../domain/Ids.ts"
import { Invites, keptInvites, maxInvites } from "../services/storage/Invites.ts"
import type { MessageStore, StoreError } from "../services/storage/MessageStore.ts"
import { change, commit, created } from "./contract/commands.ts"
import { freshNames, type Names } from "./contract/ContractCase.ts"

export interface InvitesCase {
  readonly name: string
  readonly effect: Effect.Effect<void, StoreError, Invites | MessageStore>
}

interface InviteNames extends Names {
  readonly invites: Invites["Service"]
  /** An invitation of this case. */
  readonly called: (name: string) => Invite
  readonly joins: (user: UserId, invite: Invite, at?: number, id?: string) => ReturnType<typeof change>
}

const invitesCase = (
  name: string,
  body: (names: InviteNames) => Effect.fn.Return<void, StoreError, Invites | MessageStore>
): InvitesCase => ({
  name,
  effect: Effect.gen(function*() {
    const invites = yield* Invites
    const names = yield* freshNames
    yield* body({
      ...names,
      invites,
      called: (name) => names.user(name) as string as Invite,
      joins: (user, invite, at = 1_000, id) =>
        change(user, names.group, { action: "joined" }, { invite, at, ...(id === undefined ? undefined : { id }) })
    })
  })
})

export const invitesContract: ReadonlyArray<InvitesCase> = [
  invitesCase(
    "an invitation lets in whoever shows it, so often and so long as it says",
    function*({ alice, bob, called, carol, dave, group, groupCalled, invites, joins, store, user }) {
      const [twice, soon, other] = [called("twice"), called("soon"), called("other")]
      const elsewhere = groupCalled("elsewhere")
      yield* commit(created(group, alice), created(elsewhere, alice))
      assert.ok(yield* invites.create({ invite: twice, group, createdAt: 10, usesLeft: 2 }))
      assert.ok(yield* invites.create({ invite: soon, group, createdAt: 11, expiresAt: 2_000 }))
      assert.ok(yield* invites.create({ invite: other, group: elsewhere, createdAt: 12 }))
      assert.deepEqual(
        yield* commit(
          joins(bob, called("nosuch")),
          joins(bob, other),
          change(bob, group, { action: "joined" }),
          joins(bob, soon, 2_000),
          joins(bob, twice, 1_000, "in"),
          joins(bob, twice, 1_000, "in"),
          joins(bob, twice),
          joins(carol, twice),
          joins(dave, twice),
          joins(dave, soon, 1_999)
        ),
        [
          "not_found",
          "not_found",
          "not_found",
          "not_found",
          "2",
          "2 again",
          "invalid_target",
          "3",
          "not_found",
          "4"
        ]
      )
      const state = yield* store.group(group)
      assert.deepEqual(state?.members.map(({ firstVisible, role, user }) => [user, role, firstVisible]), [
        [alice, "owner", 1],
        [bob, "member", 2],
        [carol, "member", 3],
        [dave, "member", 4]
      ])
      assert.deepEqual(yield* invites.get(twice), { invite: twice, group, createdAt: 10, usesLeft: 0 })
      assert.deepEqual(yield* invites.list(group, 1_999), [{ invite: soon, group, createdAt: 11, expiresAt: 2_000 }])
      assert.deepEqual(yield* invites.list(group, 2_000), [])
      // A group has so many members, however they come.
      assert.deepEqual(
        yield* commit(change(user("eve"), group, { action: "joined" }, { invite: soon, maxMembers: 4 })),
        ["forbidden"]
      )
    }
  ),

  invitesCase(
    "P8 one that is revoked lets nobody in, and nobody comes in who is banned",
    function*({ alice, bob, called, carol, group, invites, joins, store }) {
      const [open, shut] = [called("open"), called("shut")]
      yield* commit(created(group, alice))
      yield* invites.create({ invite: open, group, createdAt: 1 })
      yield* invites.create({ invite: shut, group, createdAt: 2, usesLeft: 5 })
      yield* invites.revoke(shut)
      yield* commit(change(alice, group, { action: "members_banned", members: [bob] }))
      assert.deepEqual(yield* commit(joins(carol, shut), joins(bob, open)), ["not_found", "not_found"])
      assert.deepEqual(yield* invites.look(open, bob, 10), { group, isIn: false, isOpen: false })
      assert.deepEqual(yield* invites.look(open, carol, 10), { group, isIn: false, isOpen: true })
      assert.deepEqual(yield* invites.look(shut, carol, 10), { group, isIn: false, isOpen: false })
      assert.deepEqual(yield* invites.look(shut, alice, 10), { group, isIn: true, isOpen: false })
      assert.equal(yield* invites.look(called("nosuch"), carol, 10), undefined)
      assert.deepEqual(yield* commit(joins(carol, open)), ["3"])
      // It is the group's, and ends with it.
      yield* commit(change(carol, group, { action: "left" }), change(alice, group, { action: "left" }))
      assert.deepEqual(yield* commit(joins(carol, open)), ["not_found"])
      assert.equal((yield* store.group(group))?.members.length, 0)
    }
  ),

  invitesCase(
    "an invitation for one lets one in, however many come at once",
    function*({ alice, called, group, invites, joins, store, user }) {
      const one = called("one")
      yield* commit(created(group, alice))
      yield* invites.create({ invite: one, group, createdAt: 1, usesLeft: 1 })
      const guests = Array.from({ length: 8 }, (_, i) => user(`guest${i}`))
      const answers = yield* Effect.forEach(guests, (guest) => commit(joins(guest, one)), { concurrency: "unbounded" })
      assert.deepEqual(answers.flat().toSorted(), ["2", ...Array.from({ length: 7 }, () => "not_found")])
      assert.equal((yield* store.group(group))?.members.length, 2)
      assert.equal((yield* invites.get(one))?.usesLeft, 0)
    }
  ),

  invitesCase(
    "a revocation and somebody who comes in at once agree on the end",
    function*({ alice, called, group, invites, joins, user }) {
      const five = called("five")
      yield* commit(created(group, alice))
      yield* invites.create({ invite: five, group, createdAt: 1, usesLeft: 5 })
      yield* Effect.all([
        commit(joins(user("a"), five)),
        invites.revoke(five),
        commit(joins(user("b"), five))
      ], { concurrency: "unbounded" })
      assert.ok(((yield* invites.get(five))?.usesLeft ?? 1) <= 0)
      assert.deepEqual(yield* commit(joins(user("late"), five)), ["not_found"])
    }
  ),

  invitesCase("a group has so many that are good, and forgets old ones", function*(
    { alice, called, group, invites }
  ) {
    yield* commit(created(group, alice))
    for (let i = 0; i < maxInvites; i++) {
      assert.ok(yield* invites.create({ invite: called(`first${i}`), group, createdAt: i, expiresAt: 1_000 }))
    }
    assert.equal(yield* invites.create({ invite: called("more"), group, createdAt: 999 }), false)
    assert.equal(yield* invites.get(called("more")), undefined)
    for (let i = 0; i < 3; i++) {
      assert.ok(yield* invites.create({ invite: called(`next${i}`), group, createdAt: 1_000 + i }))
    }
    assert.equal((yield* invites.list(group, 2_000)).length, 3)
    const kept = yield* Effect.forEach(
      Array.from({ length: maxInvites }, (_, i) => called(`first${i}`)),
      (invite) => invites.get(invite)
    )
    assert.ok(kept.filter((each) => each !== undefined).length < keptInvites)
  })
]
