/** People, as administrators see them: those whom the store knows and those who are here. */
import { Context, Effect, Fiber, FiberMap, Layer, Option, Stream } from "effect"
import type { Conversations } from "../../domain/ClientFrame.ts"
import { defaultDevice, type UserId } from "../../domain/Ids.ts"
import type { Profile } from "../../domain/Profile.ts"
import type { ConversationList } from "../../domain/ServerFrame.ts"
import { AuditLog } from "../access/AuditLog.ts"
import { Bans } from "../admission/Bans.ts"
import { ShownPeople } from "../files/ShownPeople.ts"
import { signedReads, signing } from "../files/signing.ts"
import { inTime } from "../kernel/inTime.ts"
import { Profiles } from "../people/Profiles.ts"
import { type ExportPart, PersonalData } from "../personal/PersonalData.ts"
import { LastSeen } from "../presence/LastSeen.ts"
import { pageBytesOf } from "../session/pageBounds.ts"
import { Settings } from "../Settings.ts"
import { Directory, type KnownUser, type UserDetails } from "../storage/Directory.ts"
import { type Ban, MessageStore, type StoreError } from "../storage/MessageStore.ts"
import { noAnswer } from "../storage/StoreHealth.ts"
import { conversationList } from "../user/Queries.ts"
import { Connections } from "./Connections.ts"
import { knownBlocks } from "./knownBlocks.ts"
import { NoDirectory } from "./NoDirectory.ts"

/** Users of the store that are looked at in one step, where only those are wanted who are not here. */
const look = 200

/** How long the store may take to say what there is of somebody, in milliseconds; of a user of everything that is much. */
const partsMillis = 30_000

/** How somebody is at this moment. */
export interface UserState extends KnownUser {
  readonly connections: number
}

export interface UserRecord extends UserState, Omit<UserDetails, keyof KnownUser> {
  readonly ban?: Ban
}

export interface UserListOptions {
  readonly online?: boolean
  readonly after?: UserId
  readonly limit: number
}

interface UserStates {
  readonly users: ReadonlyArray<UserState>
  readonly hasMore: boolean
}

type Failure = StoreError | NoDirectory

export class Users extends Context.Service<Users, {
  /** In the order of their ids. Whoever has a connection somewhere is online. */
  list(options: UserListOptions): Effect.Effect<UserStates, Failure>
  /** `undefined` for somebody of whom nothing is known and who is not here. */
  find(user: UserId): Effect.Effect<UserRecord | undefined, Failure>
  /**
   * As `PersonalData.erase`, with all connections closed (4503). Returns false where there was nobody. It goes on when
   * whoever asked does not wait.
   */
  erase(user: UserId): Effect.Effect<boolean, StoreError>
  /** As `PersonalData.parts`. */
  export(user: UserId): Effect.Effect<Stream.Stream<ExportPart, StoreError> | undefined, StoreError>
  /** What they would be told themselves on a nameless device; `undefined` for somebody of whom nothing is known. */
  conversations(
    user: UserId,
    frame: Omit<Conversations, "type" | "id">
  ): Effect.Effect<Omit<ConversationList, "type" | "id"> | undefined, StoreError>
  putProfile(
    user: UserId,
    profile: { readonly name?: string; readonly avatar?: string; readonly status?: string }
  ): Effect.Effect<Profile, Failure>
}>()("switchboard/services/admin/Users") {
  static readonly layer = Layer.effect(
    Users,
    Effect.gen(function*() {
      const audit = yield* AuditLog
      const bans = yield* Bans
      const connections = yield* Connections
      const data = yield* PersonalData
      const lastSeen = yield* LastSeen
      const people = yield* ShownPeople
      const profiles = yield* Profiles
      const pageBytes = pageBytesOf((yield* Settings).maxOutboundBytes)
      const store = yield* MessageStore
      const shown = { ...store, ...signedReads(store, yield* signing) }
      const given = yield* Effect.serviceOption(Directory)
      const directory = Effect.mapError(Effect.fromOption(given), () => new NoDirectory())
      const erasing = yield* FiberMap.make<UserId, boolean, StoreError>()

      const { list, stateOf } = lists({ connections, directory, lastSeen })

      const find = Effect.fn("Users.find")(function*(user: UserId) {
        const details = yield* (yield* directory).user(user)
        const state = yield* stateOf(details ?? { user })
        if (details === undefined && state.connections === 0 && state.lastSeen === undefined) return undefined
        const ban = yield* bans.of({ kind: "user", id: user })
        const { lastSeen: _, ...rest } = details ?? { user, conversations: 0, groups: 0 }
        return { ...rest, ...state, ...(ban === undefined ? undefined : { ban }) }
      })

      const eraseNow = Effect.fnUntraced(function*(user: UserId) {
        const isHere = (yield* connections.of(user)) > 0
        const { found, texts } = yield* data.erase(user, isHere)
        if (found) yield* audit.record("Admin.erased", { user, texts })
        return found
      })

      return Users.of({
        list: Effect.fn("Users.list")(list),
        find,
        erase: Effect.fn("Users.erase")(function*(user: UserId) {
          const running = FiberMap.getUnsafe(erasing, user)
          return yield* Fiber.join(
            Option.isSome(running) ? running.value : yield* FiberMap.run(erasing, user, eraseNow(user))
          )
        }),
        export: Effect.fn("Users.export")(function*(user: UserId) {
          const parts = yield* inTime(data.parts(user), { millis: partsMillis, late: () => Effect.fail(noAnswer()) })
          if (parts !== undefined) yield* audit.record("Admin.exported", { user })
          return parts
        }),
        conversations: Effect.fn("Users.conversations")(function*(user, frame) {
          const blocks = frame.order === "recent" ? yield* store.blocks(user) : []
          const list = yield* conversationList(
            frame,
            { user, device: defaultDevice, blocks: knownBlocks(blocks) },
            shown,
            people,
            pageBytes
          )
          if (list.conversations.length > 0 || Option.isNone(given)) return list
          const isKnown = (yield* given.value.user(user)) !== undefined || (yield* connections.of(user)) > 0
          return isKnown ? list : undefined
        }),
        putProfile: Effect.fn("Users.putProfile")(function*(user, fields) {
          yield* directory
          const stored = yield* Effect.catchTag(
            profiles.put(user, fields),
            "ChatError",
            // An operator is refused nothing else.
            () => Effect.fail(new NoDirectory())
          )
          yield* audit.record("Admin.profile_set", { user })
          return people.profileOf(stored)
        })
      })
    })
  )
}

interface Sources {
  readonly connections: Connections["Service"]
  readonly directory: Effect.Effect<Directory["Service"], NoDirectory>
  readonly lastSeen: LastSeen["Service"]
}

/** Of those whom the store knows and those who are here. */
const lists = ({ connections, directory, lastSeen }: Sources) => {
  const stateOf = (known: KnownUser) =>
    Effect.map(connections.of(known.user), (count): UserState => {
      const { lastSeen: stored, ...rest } = known
      // Somebody who is here is seen now.
      const at = count > 0 ? undefined : lastSeen.recent(known.user) ?? stored
      return { ...rest, connections: count, ...(at === undefined ? undefined : { lastSeen: at }) }
    })

  /** Of these, in their order. */
  const statesOf = (users: ReadonlyArray<KnownUser>, limit: number) =>
    Effect.map(
      Effect.forEach(users.slice(0, limit), stateOf),
      (states): UserStates => ({ users: states, hasMore: users.length > limit })
    )

  const listOnline = Effect.fnUntraced(function*({ limit, ...options }: UserListOptions) {
    const users = yield* connections.users({ ...options, limit: limit + 1 })
    const names = new Map((yield* (yield* directory).profiles(users)).map(({ name, user }) => [user, name]))
    const named = users.map((user): KnownUser => {
      const name = names.get(user)
      return name === undefined ? { user } : { user, name }
    })
    return yield* statesOf(named, limit)
  })

  const listOffline = Effect.fnUntraced(function*({ after, limit }: UserListOptions) {
    const found: Array<KnownUser> = []
    let from = after
    while (true) {
      const page = yield* (yield* directory).users({
        limit: look,
        ...(from === undefined ? undefined : { after: from })
      })
      for (const known of page.users) {
        if ((yield* connections.of(known.user)) > 0) continue
        found.push(known)
        if (found.length > limit) return yield* statesOf(found, limit)
      }
      if (!page.hasMore) return yield* statesOf(found, limit)
      from = page.users.at(-1)!.user
    }
  })

  /** Of two lists that each have the first of their own, the first of both. */
  const listAll = Effect.fnUntraced(function*({ limit, ...options }: UserListOptions) {
    const more = { ...options, limit: limit + 1 }
    const stored = (yield* (yield* directory).users(more)).users
    const here = yield* connections.users(more)
    const all = new Map<UserId, KnownUser>(here.map((user) => [user, { user }]))
    for (const known of stored) all.set(known.user, known)
    const users = Array.from(all.values()).sort((a, b) => a.user < b.user ? -1 : 1)
    return yield* statesOf(users, limit)
  })

  return {
    stateOf,
    list: (options: UserListOptions) =>
      options.online === undefined ? listAll(options) : options.online ? listOnline(options) : listOffline(options)
  }
}
