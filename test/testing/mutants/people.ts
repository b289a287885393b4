/** Who is known and how they are shown, what they keep for themselves, and where they are told. */
import { Effect } from "effect"
import * as Conversation from "../../../src/domain/Conversation.ts"
import type { UserId } from "../../../src/domain/Ids.ts"
import type { ConversationSummary } from "../../../src/domain/ServerFrame.ts"
import { Directory, type StoredProfile } from "../../../src/services/storage/Directory.ts"
import { FileRecords } from "../../../src/services/storage/FileRecords.ts"
import { Preferences } from "../../../src/services/storage/Preferences.ts"
import { PushRecords } from "../../../src/services/storage/PushRecords.ts"
import { both, breaking, type Mutant, type Mutants } from "./Mutant.ts"
import { does, items, showsPositions, some, store } from "./store/breaking.ts"

const directory = breaking(Directory)
const files = breaking(FileRecords)
const preferences = breaking(Preferences)
const pushes = breaking(PushRecords)

const plainProfile = (user: UserId): StoredProfile => ({ user, updatedAt: 0 })

export const directoryMutants: Mutants = {
  "users are listed once, in the order of the bytes of their ids, whatever makes them known": store.ignores(
    "putBan",
    undefined
  ),
  "a page tells of each user what is known": directory.answers("users", (page) => ({
    ...page,
    users: page.users.map(({ name: _, ...user }) => user)
  })),
  "a user's conversations and groups are counted, without those that they left": store.since(
    "commit",
    directory.answers("user", (user) => user === undefined ? undefined : { ...user, groups: user.groups + 1 }),
    some(does("members_removed"))
  ),
  "a profile is replaced as a whole, and given for many at once": directory.changed(({ profiles, putProfile }) => ({
    putProfile: (profile) =>
      Effect.flatMap(profiles([profile.user]), ([before]) => putProfile({ ...before, ...profile }))
  })),
  "a profile is part of what is exported, and goes with an erasure": store.answers(
    "exportUser",
    ({ profile: _, ...stored }) => stored
  ),
  "how much there is grows with what is said, and not with what is repeated": directory.answers("size", (size) => ({
    ...size,
    entries: 0
  })),
  "a change leaves what it does not name, and takes away what it says is empty": directory.asks(
    "patchProfile",
    (patch) => [{ name: "", status: "", ...patch }]
  ),
  // It reads, and then writes what it has read.
  "two devices that change a profile at once lose nothing of each other": directory.changed(
    ({ profiles, putProfile }) => ({
      patchProfile: Effect.fnUntraced(function*({ at, source, ...patch }) {
        const [before = plainProfile(patch.user)] = yield* profiles([patch.user])
        yield* Effect.yieldNow
        const profile = { ...before, ...patch, source, updatedAt: Math.max(at, before.updatedAt + 1) }
        yield* putProfile(profile)
        return { _tag: "Set", profile, changed: true } as const
      })
    })
  ),
  "claims are the first profile, and change nothing that anybody else has said": directory.asks(
    "patchProfile",
    (patch) => [patch.source === "claims" ? { ...patch, source: "user" } : patch]
  ),
  "people are found by the beginning of the name, of each of its words, and of the id": directory.answers(
    "findUsers",
    (page) => ({ ...page, found: page.found.filter(({ user, word }) => word !== user.toLowerCase()) })
  ),
  "P9 what looks like a pattern is looked for as it is": directory.asks("findUsers", (options) => [
    { ...options, prefix: options.prefix.replace(/[%_].*/u, "") }
  ]),
  "among people, only those who are in a conversation with the asker now": directory.asks(
    "findUsers",
    ({ among: _, ...options }) => [options]
  ),
  "a name that is another is not found any more, and found again when it comes back": directory.changed(
    ({ findUsers, patchProfile }) => {
      const ever: Array<{ readonly user: UserId; readonly word: string }> = []
      return {
        patchProfile: (patch) => {
          ever.push({ user: patch.user, word: patch.name?.toLowerCase() ?? "" })
          return patchProfile(patch)
        },
        findUsers: (options) =>
          Effect.map(findUsers(options), (page) =>
            page.found.length > 0
              ? page
              : { found: ever.filter(({ word }) => word.startsWith(options.prefix)), hasMore: false })
      }
    }
  )
}

const showsStill = directory.answers("profiles", (all) =>
  all.map((profile) =>
    profile.avatar === undefined
      ? profile
      : { ...profile, picture: { file: profile.avatar as never, name: "a.png" } }
  ))

export const pictureMutants: Mutants = {
  "a picture that is shown is needed, and one that is not shown any more is not": files.answers("unneeded", () => []),
  "P8 only a picture of one's own that has passed may be shown": directory.answers(
    "patchProfile",
    (change, { user }) => change._tag === "Set" ? change : { _tag: "Set", profile: plainProfile(user), changed: true }
  ),
  "a picture that is removed is not shown, whoever removes it": files.since("discard", showsStill),
  "a file of a message may be a picture: it goes when it is neither": store.since(
    "trim",
    directory.answers("profiles", (all) => all.map(({ picture: _, ...profile }) => profile))
  ),
  "an erased user shows nothing, also not a file of somebody else": store.since("eraseUser", showsStill)
}

const inBothLists = (change: (item: ConversationSummary, user: UserId) => ConversationSummary): Mutant =>
  both(items(change), items(change, "recent"))

/** What was told once is told for ever. */
const staysSo = (what: "archived" | "marked_unread"): Mutant => (services) => {
  const told = new Set<string>()
  return inBothLists((item, user) => {
    const key = `${user} ${item.conversation}`
    if (item[what] === true) told.add(key)
    return told.has(key) ? { ...item, [what]: true } : item
  })(services)
}

export const preferencesMutants: Mutants = {
  "each preference is one user's, in one conversation, and leaves the others as they are": preferences.asks(
    "change",
    (user, conversation, change) => [user, conversation, { mute: undefined, archived: false, ...change }]
  ),
  "what is so already is no change, and each can be ended": preferences.answers(
    "change",
    (changed) => changed === undefined ? undefined : { ...changed, changed: true }
  ),
  "P8 whoever is not in a conversation keeps nothing of it, and finds nothing there later": preferences.answers(
    "change",
    (changed) => changed ?? { preferences: {}, changed: false }
  ),
  "archived ends with the next text or change of the group, by whomever, and with nothing else": staysSo("archived"),
  "a mark ends when its user reads, also what was read before, and not when anything is received": staysSo(
    "marked_unread"
  ),
  "preferences are exported, and gone with an erasure; whoever has the name next has none": store.answers(
    "exportUser",
    (stored) => ({ ...stored, memberships: stored.memberships.map(({ settings: _, ...membership }) => membership) })
  ),
  "what one keeps of a conversation with oneself is kept as well": preferences.ignores(
    "change",
    { preferences: {}, changed: false },
    (user, conversation) => conversation === Conversation.direct(user, user)
  ),
  "P8 while a user reads privately, others see what they saw before, and the user sees the truth": preferences.answers(
    "settings",
    () => ({ readPrivately: false })
  ),
  "after it, the next read shows where the user stands, and nothing before it does": preferences.since(
    "setSettings",
    showsPositions(() => true),
    (_, { readPrivately }) => !readPrivately
  ),
  "P8 in a group the same holds, also when a member leaves and comes again": showsPositions(Conversation.isGroup),
  "P8 a block shows no more of it than there was to see when it began": store.since(
    "setBlock",
    showsPositions(() => true)
  ),
  "whoever has an erased name next does not read privately because of it": store.since(
    "eraseUser",
    both(
      inBothLists((item) => ({ ...item, peer_read: 0 })),
      store.answers(
        "positions",
        (all, _, reader) => all.map((each) => each.user === reader ? each : { ...each, read: 0 })
      )
    )
  )
}

export const pushMutants: Mutants = {
  "a user's subscriptions are kept in the order in which they were put, each once": pushes.answers(
    "put",
    (all) => all.toReversed()
  ),
  "past the most of them the oldest goes, of this user alone": pushes.asks("put", (record, options) => [
    record,
    { ...options, max: options.max + 1 }
  ]),
  "an endpoint is one user's: whoever subscribes with it last": pushes.changed(({ put, remove }) => {
    const users = new Set<UserId>()
    return {
      put: (record, options) => {
        users.add(record.user)
        return put(record, options)
      },
      remove: (user, endpoint) =>
        Effect.andThen(Effect.forEach(users, (each) => remove(each, endpoint)), remove(user, endpoint))
    }
  }),
  "who has subscriptions is listed in pages, once each": pushes.answers(
    "users",
    (page, { after }) => after === undefined ? page.slice(1) : page
  ),
  "who may be told of something in a conversation is known with how they stand there": pushes.answers(
    "readers",
    (all) => all.map(({ mutedUntil: _, ...reader }) => reader)
  ),
  "subscriptions are exported without their keys, and gone with an erasure": store.answers(
    "exportUser",
    ({ pushSubscriptions: _, ...stored }) => stored
  )
}
