/**
 * Groups as the operator makes them. Each change goes through the group's actor like one of a member, with `@system` as
 * its sender, so order, farewells and other servers are the same; what is asked for is made of as few changes as it takes.
 */
import { Context, Effect, Layer, Semaphore } from "effect"
import { defined } from "../../domain/defined.ts"
import type { CreateGroup, FoundGroup, SetGroup } from "../../domain/entries/Group.ts"
import { type GroupEntry, maxUsers, type Role } from "../../domain/entries/Group.ts"
import * as Errors from "../../domain/Errors.ts"
import type { ChatError } from "../../domain/Errors.ts"
import type { GroupCommand } from "../../domain/groupRules.ts"
import { type ClientId, type GroupId, system, type UserId } from "../../domain/Ids.ts"
import { AuditLog } from "../access/AuditLog.ts"
import { newGroupId } from "../group/groupIds.ts"
import { ask } from "../kernel/Mailbox.ts"
import { Router } from "../server/Router.ts"
import { heirOf, joinedIn } from "../storage/erasure.ts"
import { type GroupState, MessageStore, type Page, type StoreError } from "../storage/MessageStore.ts"

export interface NewGroup extends Pick<CreateGroup, "name" | "members" | "history"> {
  readonly owner: UserId
  /** What the group is called by, so that a retry makes no second one; without it, one is made up. */
  readonly id?: GroupId | undefined
}

export type Described = Pick<SetGroup, "name" | "description" | "avatar">

/** Changes of groups that are under way at once; more of them wait. */
const atOnce = 16

/** Entries of a log that are read at once. */
const logPage = 500

/** Changes for one request, also those that came to nothing because others changed the group: bounded, whoever they are. */
const maxTurns = 1_024

const noSuchGroup = () => Errors.notFound("There is no such group; it may have been deleted.")

const spent = () => Errors.idConflict("A group of this id was deleted; create one under another id.")

const moving = () => Errors.overloaded("The group changes faster than this can be done; try again.", 1_000)

type Done<A> = Effect.Effect<A, ChatError | StoreError>

/** How groups are read and changed. */
const makeSteps = Effect.gen(function*() {
  const router = yield* Router
  const store = yield* MessageStore
  const lines = yield* Semaphore.make(atOnce)

  const change = (group: GroupId, command: GroupCommand): Effect.Effect<void, ChatError> =>
    ask<void, ChatError>((answer) =>
      router.tellUnsafe({
        _tag: "Group",
        group,
        message: {
          _tag: "Change",
          sender: system,
          command,
          requester: {
            accepted: () => {},
            rejected: (_, error) => answer(Effect.fail(error)),
            settled: () => {},
            flush: () => {},
            answer: () => answer(Effect.void)
          }
        }
      })
    ).pipe(lines.withPermit)

  const known = Effect.fnUntraced(function*(group: GroupId): Effect.fn.Return<GroupState, ChatError | StoreError> {
    return (yield* store.group(group)) ?? (yield* noSuchGroup())
  })

  const get = Effect.fnUntraced(function*(group: GroupId) {
    const state = yield* known(group)
    return state.members.length === 0 ? yield* noSuchGroup() : state
  })

  /**
   * Makes one change after the other until `next` asks for none. Where others change the group meanwhile, one of them
   * may come to nothing, and then it is looked at again. Returns the group as it is then, and how many changes it took.
   */
  const until = Effect.fnUntraced(function*(
    read: Done<GroupState>,
    next: (state: GroupState) => GroupCommand | undefined | Done<GroupCommand | undefined>
  ): Effect.fn.Return<{ readonly state: GroupState; readonly made: number }, ChatError | StoreError> {
    let made = 0
    let refused: { readonly error: ChatError; readonly version: number } | undefined
    for (let turn = 0; turn < maxTurns; turn++) {
      const state = yield* read
      const asked = next(state)
      const command = Effect.isEffect(asked) ? yield* asked : asked
      if (command === undefined) return { state, made }
      // Of the very group that it was asked of.
      if (refused?.version === state.version) return yield* refused.error
      refused = yield* change(state.group, command).pipe(
        Effect.as(undefined),
        Effect.catchIf(({ temporary }) => !temporary, (error) => Effect.succeed({ error, version: state.version }))
      )
      if (refused === undefined) made++
    }
    return yield* moving()
  })

  /** Who is to own the group when `user` is gone, if nobody else does: as after an erasure. */
  const heir = Effect.fnUntraced(function*(user: UserId, { conversation, history, members }: GroupState) {
    const heirOfThose = (since?: ReadonlyMap<UserId, number>) =>
      heirOf(user, members.map((each) => ({ ...each, joined: since?.get(each.user) ?? each.firstVisible })))
    if (history !== "all" || heirOfThose() === undefined) return heirOfThose()
    // Where everything may be seen, only the log knows who came when.
    const log: Array<GroupEntry> = []
    let after: number | undefined = 0
    while (after !== undefined) {
      const page: Page = yield* store.history({ conversation, after, limit: logPage })
      log.push(...page.entries.filter((entry) => entry.kind === "group"))
      after = page.hasMore ? page.entries.at(-1)?.seq : undefined
    }
    return heirOfThose(joinedIn(log))
  })

  return { change, known, get, until, heir }
})

type Steps = Effect.Success<typeof makeSteps>
type Note = (event: string, made: number, fields: Record<string, string | undefined>) => Effect.Effect<void>

/** What a group is like, and who may not be in it. */
const makeLook = ({ get, until }: Pick<Steps, "get" | "until">, record: Note) => {
  const describe = Effect.fn("GroupAdmin.describe")(function*(group: GroupId, described: Described) {
    const { made, state } = yield* until(get(group), ({ avatar = "", description = "", name }) => {
      const changed = defined({
        name: described.name === name ? undefined : described.name,
        description: described.description === description ? undefined : described.description,
        avatar: described.avatar === avatar ? undefined : described.avatar
      })
      return Object.keys(changed).length === 0 ? undefined : { type: "set_group", group, ...changed }
    })
    yield* record("group_described", made, { group })
    return state
  })

  const ban = Effect.fn("GroupAdmin.ban")(function*(group: GroupId, user: UserId, reason?: string) {
    const { made, state } = yield* until(get(group), ({ banned = [], members }) => {
      const known = banned.find((each) => each.user === user)
      const isIn = members.some((member) => member.user === user)
      if (known !== undefined && known.reason === reason && !isIn) return undefined
      return { type: "ban_members", group, members: [user], ...defined({ reason }) }
    })
    yield* record("member_banned", made, { group, user, reason })
    return state
  })

  const unban = Effect.fn("GroupAdmin.unban")(function*(group: GroupId, user: UserId) {
    const { made, state } = yield* until(get(group), ({ banned = [] }) =>
      banned.some((each) => each.user === user)
        ? { type: "unban_members", group, members: [user] }
        : undefined)
    yield* record("member_unbanned", made, { group, user })
    return state
  })

  return { describe, ban, unban }
}

export class GroupAdmin extends Context.Service<GroupAdmin, {
  /** With an `id` that is used: the group as it is, if it began as this; `id_conflict` otherwise. */
  create(options: NewGroup): Done<GroupState>
  /** One that somebody is in; `not_found` otherwise. */
  get(group: GroupId): Done<GroupState>
  rename(group: GroupId, name: string): Done<GroupState>
  /** Takes everybody out. What was said stays until retention. */
  remove(group: GroupId): Done<void>
  /** Changes what is given; an empty string takes it away. What it is like already changes nothing. */
  describe(group: GroupId, described: Described): Done<GroupState>
  /** Takes them out, if they are in, and keeps them out. An owner stays. */
  ban(group: GroupId, user: UserId, reason?: string): Done<GroupState>
  unban(group: GroupId, user: UserId): Done<GroupState>
  /** Adds them, or gives them the role; without a role who is in keeps theirs. */
  putMember(group: GroupId, user: UserId, role?: Role): Done<GroupState>
  /** Takes them out, if they are in. The last owner's group goes to the admin, else the member, who is in longest. */
  removeMember(group: GroupId, user: UserId): Done<GroupState>
}>()("switchboard/services/admin/GroupAdmin") {
  static readonly layer = Layer.effect(
    GroupAdmin,
    Effect.gen(function*() {
      const audit = yield* AuditLog
      const store = yield* MessageStore
      const { change, get, heir, known, until } = yield* makeSteps

      const record = (event: string, made: number, fields: Record<string, string | undefined>) =>
        made === 0 ? Effect.void : audit.record(`Admin.${event}`, fields)

      const create = Effect.fn("GroupAdmin.create")(function*({ history, id, members, name, owner }: NewGroup) {
        const group = id ?? newGroupId(system, undefined)
        const command: FoundGroup = {
          type: "found_group",
          // A group's id is good for an id of a client.
          id: group as string as ClientId,
          name,
          owner,
          // The same group, however it is written down.
          members: members.toSorted(),
          ...(history === "all" ? { history } : undefined)
        }
        const before = yield* store.groupHead(group)
        yield* change(group, command)
        const state = yield* known(group)
        if (state.members.length === 0) return yield* spent()
        yield* record("group_created", before === undefined ? 1 : 0, { group, user: owner })
        return state
      })

      const rename = Effect.fn("GroupAdmin.rename")(function*(group: GroupId, name: string) {
        const { made, state } = yield* until(
          get(group),
          (state) => state.name === name ? undefined : { type: "rename_group", group, name }
        )
        yield* record("group_renamed", made, { group })
        return state
      })

      const remove = Effect.fn("GroupAdmin.remove")(function*(group: GroupId) {
        const { made } = yield* until(known(group), ({ members }) => {
          if (members.length === 0) return undefined
          // Owners last: at every moment a group has one.
          const all = members.toSorted((a, b) => Number(a.role === "owner") - Number(b.role === "owner"))
          return { type: "remove_members", group, members: all.slice(0, maxUsers).map(({ user }) => user) }
        })
        yield* record("group_deleted", made, { group })
      })

      const putMember = Effect.fn("GroupAdmin.putMember")(function*(group: GroupId, user: UserId, role?: Role) {
        const { made, state } = yield* until(get(group), ({ members }) => {
          const theirs = members.find((member) => member.user === user)?.role
          if (theirs === undefined) return { type: "add_members", group, members: [user] }
          return role === undefined || role === theirs ? undefined : { type: "set_role", group, user, role }
        })
        yield* record("member_put", made, { group, user, role })
        return state
      })

      const removeMember = Effect.fn("GroupAdmin.removeMember")(function*(group: GroupId, user: UserId) {
        const { made, state } = yield* until(known(group), (state) => {
          if (!state.members.some((member) => member.user === user)) return undefined
          return Effect.map(
            heir(user, state),
            (next): GroupCommand =>
              next === undefined
                ? { type: "remove_members", group, members: [user] }
                : { type: "set_role", group, user: next, role: "owner" }
          )
        })
        yield* record("member_removed", made, { group, user })
        return state
      })

      return GroupAdmin.of({
        create,
        get: Effect.fn("GroupAdmin.get")(get),
        rename,
        ...makeLook({ get, until }, record),
        remove,
        putMember,
        removeMember
      })
    })
  )
}
