/** Who is known to the store in memory. */
import { Effect } from "effect"
import * as Conversation from "../../domain/Conversation.ts"
import { defined } from "../../domain/defined.ts"
import type { UserId } from "../../domain/Ids.ts"
import { inSteps } from "../kernel/inSteps.ts"
import { Least } from "../kernel/Least.ts"
import { Directory, type KnownUser, mostPeers } from "./Directory.ts"
import type { MemoryTables } from "./MemoryTables.ts"
import type { Ban } from "./UserData.ts"

/** Those who are in a conversation with this user, as far as so many seats go. */
const peersOf = (tables: MemoryTables, user: UserId): ReadonlySet<UserId> => {
  const peers = new Set<UserId>()
  let seats = 0
  for (const { conversation, left_seq } of tables.membershipsOf(user)) {
    if (left_seq !== null) continue
    for (const member of tables.membersOf(conversation)) {
      if (member.left_seq !== null) continue
      if (++seats > mostPeers) return peers
      peers.add(member.user_id)
    }
  }
  return peers
}

export const memoryDirectory = (tables: MemoryTables, bans: ReadonlyMap<string, Ban>): Directory["Service"] => {
  const known = (user: UserId): KnownUser => {
    const name = tables.profiles.get(user)?.name
    const at = tables.lastSeen.get(user)
    return {
      user,
      ...(name === undefined ? undefined : { name }),
      ...(at === undefined ? undefined : { lastSeen: at })
    }
  }

  return Directory.of({
    users: Effect.fnUntraced(function*({ after, limit }) {
      const least = new Least<UserId>({ after, most: limit + 1 })
      const add = (user: UserId) => least.add(user, () => user)
      yield* inSteps(tables.members(), add)
      yield* inSteps(tables.lastSeen.keys(), add)
      yield* inSteps(tables.profiles.keys(), add)
      // The id of a ban of a user is a user's.
      yield* inSteps(bans.values(), ({ id, kind }) => kind === "user" && add(id as UserId))
      return { users: least.items.slice(0, limit).map(known), hasMore: least.items.length > limit }
    }),

    user: (user) =>
      Effect.sync(() => {
        const memberships = tables.membershipsOf(user)
        const profile = tables.profiles.get(user)
        const isBanned = bans.has(`user ${user}`)
        if (memberships.length === 0 && profile === undefined && !isBanned && !tables.lastSeen.has(user)) {
          return undefined
        }
        const present = memberships.filter(({ left_seq }) => left_seq === null)
        return {
          ...known(user),
          ...defined({ avatar: profile?.avatar, status: profile?.status, source: profile?.source }),
          conversations: present.length,
          groups: present.filter(({ conversation }) => Conversation.isGroup(conversation)).length
        }
      }),

    known: (users) =>
      Effect.sync(() =>
        users.filter((user) =>
          tables.profiles.has(user) || tables.lastSeen.has(user) || bans.has(`user ${user}`) ||
          tables.membershipsAfter(user, undefined, 1).length > 0
        )
      ),

    profiles: (users) =>
      Effect.sync(() => Array.from(new Set(users)).flatMap((user) => tables.profiles.get(user) ?? [])),
    putProfile: (profile) => Effect.sync(() => tables.profiles.put(profile)),
    patchProfile: (patch) => Effect.sync(() => tables.profiles.patch(patch)),
    findUsers: (options) =>
      tables.profiles.find(options, options.among === undefined ? undefined : peersOf(tables, options.among)),

    size: Effect.gen(function*() {
      const sum = { conversations: 0, entries: 0 }
      yield* inSteps(tables.conversations(), ({ first_seq, head_seq }) => {
        sum.conversations++
        sum.entries += head_seq - first_seq + 1
      })
      return { kind: "memory", ...sum }
    })
  })
}
