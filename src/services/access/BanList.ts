/** The bans as the door looks them up: in memory, without waiting for the store. Empty until `Bans` has read them. */
import { Clock, Context, Effect, Layer } from "effect"
import type { UserId } from "../../domain/Ids.ts"
import type { Ban } from "../storage/MessageStore.ts"
import { MessageStore } from "../storage/MessageStore.ts"

const keyOf = ({ id, kind }: Pick<Ban, "kind" | "id">): string => `${kind}\0${id}`

export class BanList extends Context.Service<BanList, {
  isBanned(user: UserId, tokenId: string | undefined): boolean
  add(ban: Ban): void
  remove(ban: Pick<Ban, "kind" | "id">): void
  /** Takes these in place of all before, and answers those that are new. */
  replace(bans: ReadonlyArray<Ban>): ReadonlyArray<Ban>
  list(now: number): ReadonlyArray<Ban>
}>()("switchboard/services/access/BanList") {
  static readonly layer = Layer.effect(
    BanList,
    Effect.gen(function*() {
      const clock = yield* Clock.Clock
      const store = yield* MessageStore
      let bans = new Map<string, Ban>()

      const inForce = (key: string): boolean => {
        const ban = bans.get(key)
        return ban !== undefined && (ban.until === undefined || ban.until > clock.currentTimeMillisUnsafe())
      }

      const replace = (fresh: ReadonlyArray<Ban>) => {
        const before = bans
        bans = new Map(fresh.map((ban) => [keyOf(ban), ban]))
        return fresh.filter((ban) => !before.has(keyOf(ban)))
      }

      // Before the first client is let in. A store that fails here fails everything else too.
      replace(yield* store.bans.pipe(Effect.catchTag("StoreError", () => Effect.succeed([]))))

      return BanList.of({
        isBanned: (user, tokenId) =>
          bans.size > 0 &&
          (inForce(keyOf({ kind: "user", id: user })) ||
            (tokenId !== undefined && inForce(keyOf({ kind: "token", id: tokenId })))),
        add: (ban) => {
          bans.set(keyOf(ban), ban)
        },
        remove: (ban) => {
          bans.delete(keyOf(ban))
        },
        replace,
        list: (now) => Array.from(bans.values()).filter(({ until }) => until === undefined || until > now)
      })
    })
  )
}
