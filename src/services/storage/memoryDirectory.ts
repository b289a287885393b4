/** Who is known to the store in memory. */
import { Effect } from "effect"
import * as Conversation from "../../domain/Conversation.ts"
import type { UserId } from "../../domain/Ids.ts"
import { inSteps } from "../kernel/inSteps.ts"
import { Least } from "../kernel/Least.ts"
import { Directory, type KnownUser } from "./Directory.ts"
import type { MemoryTables } from "./MemoryTables.ts"
import type { Ban } from "./UserData.ts"

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
          ...(profile?.avatar === undefined ? undefined : { avatar: profile.avatar }),
          conversations: present.length,
          groups: present.filter(({ conversation }) => Conversation.isGroup(conversation)).length
        }
      }),

    profiles: (users) => Effect.sync(() => users.flatMap((user) => tables.profiles.get(user) ?? [])),

    putProfile: (profile) =>
      Effect.sync(() => {
        tables.profiles.set(profile.user, profile)
      }),

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
