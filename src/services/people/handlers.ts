/** What clients ask about people. */
import { Effect, Option } from "effect"
import type { UserId } from "../../domain/Ids.ts"
import { ShownPeople } from "../files/ShownPeople.ts"
import { PeopleDirectory } from "../PeopleDirectory.ts"
import { Presence } from "../presence/Presence.ts"
import type { Handler, Handlers } from "../session/Handlers.ts"
import { Directory } from "../storage/Directory.ts"
import { MessageStore } from "../storage/MessageStore.ts"
import { makeFindUsers } from "./finding.ts"
import { Profiles } from "./Profiles.ts"

const makeProfiles = Effect.gen(function*() {
  const directory = Option.getOrUndefined(yield* Effect.serviceOption(Directory))
  const mode = yield* PeopleDirectory
  const people = yield* ShownPeople
  const presence = yield* Presence
  const store = yield* MessageStore

  /** Whose profiles the asker may see: as presence has it, and where there is a directory of all, everybody's. */
  const visible = Effect.fnUntraced(function*(asker: UserId, users: ReadonlyArray<UserId>) {
    const others = users.filter((user) => user !== asker)
    const own = users.length > others.length ? [asker] : []
    if (mode !== "all") return own.concat(yield* store.visibleTo(asker, others))
    const blocked = new Set(yield* store.blockedEitherWay(asker, others))
    return own.concat(others.filter((user) => !blocked.has(user)))
  })

  const handler: Handler<"profiles"> = Effect.fnUntraced(function*(frame, asker) {
    const users = Array.from(new Set(frame.users))
    const profiles = (yield* people.profiles(yield* visible(asker.user, users))).map(people.profileOf)
    if (mode !== "all" || directory === undefined) return { type: "profiles" as const, profiles }
    const known = new Set(yield* directory.known(users))
    const unknown = users.filter((user) => user !== asker.user && !known.has(user) && !presence.isOnline(user))
    return { type: "profiles" as const, profiles, unknown }
  })
  return handler
})

export const peopleHandlers = Effect.gen(function*() {
  const people = yield* ShownPeople
  const profiles = yield* Profiles
  const handlers: Handlers<"set_profile" | "profiles" | "find_users"> = {
    set_profile: (frame, asker) =>
      Effect.map(profiles.set(asker, frame), (stored) => ({ type: "profile", ...people.profileOf(stored) })),
    profiles: yield* makeProfiles,
    find_users: yield* makeFindUsers
  }
  return handlers
})
