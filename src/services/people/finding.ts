/** Looks for people by the beginning of their names. However many are called so, a question costs a bounded look. */
import { Effect, Option } from "effect"
import * as Errors from "../../domain/Errors.ts"
import type { FindUsers } from "../../domain/frames/People.ts"
import type { UserId } from "../../domain/Ids.ts"
import { BanList } from "../access/BanList.ts"
import { ShownPeople } from "../files/ShownPeople.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { TokenBuckets } from "../kernel/TokenBuckets.ts"
import { PeopleDirectory } from "../PeopleDirectory.ts"
import type { Handler } from "../session/Handlers.ts"
import { Directory, type FoundUser } from "../storage/Directory.ts"
import { MessageStore, type StoreError } from "../storage/MessageStore.ts"
import { foldedPrefix } from "../storage/profileRules.ts"

/** Questions of one user in a minute, on this server; all of them may come at once. */
const perMinute = { perSecond: 10 / 60, burst: 10 }
const usualLimit = 20
/** People looked at in one step, and in all. */
const look = 200
const mostLooks = 5

const off = () => Errors.forbidden("This server has no directory of its users; ask its operator for --directory.")

export const makeFindUsers = Effect.gen(function*() {
  const bans = yield* BanList
  const directory = Option.getOrUndefined(yield* Effect.serviceOption(Directory))
  const mode = yield* PeopleDirectory
  const now = yield* Monotonic.now
  const people = yield* ShownPeople
  const store = yield* MessageStore
  const asked = new TokenBuckets(perMinute)

  /** Whom the asker may find among these: nobody of whom the other is blocked, nobody who may not come in. */
  const visible = Effect.fnUntraced(function*(asker: UserId, users: ReadonlyArray<UserId>) {
    const others = users.filter((user) => user !== asker && !bans.isBanned(user, undefined))
    if (mode === "members") return yield* store.visibleTo(asker, others)
    const blocked = new Set(yield* store.blockedEitherWay(asker, others))
    return others.filter((user) => !blocked.has(user))
  })

  const find = Effect.fnUntraced(function*(
    { findUsers }: Directory["Service"],
    asker: UserId,
    prefix: string,
    limit: number
  ): Effect.fn.Return<ReadonlyArray<UserId>, StoreError> {
    const found = new Set<UserId>()
    let after: FoundUser | undefined
    for (let looks = 0; looks < mostLooks; looks++) {
      const page = yield* findUsers({
        prefix,
        limit: look,
        ...(mode === "members" ? { among: asker } : undefined),
        ...(after === undefined ? undefined : { after })
      })
      const names = Array.from(new Set(page.found.map(({ user }) => user))).filter((user) => !found.has(user))
      const seen = new Set(yield* visible(asker, names))
      for (const user of names) if (seen.has(user) && found.size < limit) found.add(user)
      after = page.found.at(-1)
      if (!page.hasMore || found.size >= limit) break
    }
    return Array.from(found)
  })

  const handler: Handler<"find_users"> = Effect.fnUntraced(function*({ limit = usualLimit, prefix }: FindUsers, asker) {
    if (directory === undefined || mode === "off") return yield* off()
    const wait = asked.take(asker.user, 1, now())
    if (wait > 0) {
      return yield* Errors.rateLimited("You look for people too often; go on in a moment.", wait)
    }
    const users = yield* find(directory, asker.user, foldedPrefix(prefix), limit)
    const profiles = (yield* people.profiles(users)).map(people.profileOf)
    const keyOf = ({ name, user }: { readonly name?: string; readonly user: string }) => [name ?? user, user] as const
    return {
      type: "users_found" as const,
      profiles: profiles.toSorted((a, b) => {
        const [[x, i], [y, j]] = [keyOf(a), keyOf(b)]
        return x < y ? -1 : x > y ? 1 : i < j ? -1 : 1
      })
    }
  })
  return handler
})
