/** The bans as the door looks them up: in memory, without waiting for the store. Empty until `Bans` has read them. */
import { Clock, Context, Effect, Layer } from "effect"
import type { UserId } from "../../domain/Ids.ts"
import { type Ban, MessageStore } from "../storage/MessageStore.ts"

const keyOf = ({ id, kind }: Pick<Ban, "kind" | "id">): string => `${kind}\0${id}`

export class BanList extends Context.Service<BanList, {
  isBanned(user: UserId, tokenId: string | undefined): boolean
  add(ban: Ban): void
  remove(ban: Pick<Ban, "kind" | "id">): void
  /** Counts what was added and removed here; taken before the store is asked, it says what the answer cannot know. */
  edits(): number
  /**
   * Takes these, as they were read after so many `edits`, in place of all before; what was done here since then stands.
   * Answers those in force that are new or others than before.
   */
  replace(bans: ReadonlyArray<Ban>, edits: number): ReadonlyArray<Ban>
  list(now: number): ReadonlyArray<Ban>
  /** The one of this subject, if it is in force. */
  of(ban: Pick<Ban, "kind" | "id">): Ban | undefined
}>()("switchboard/services/access/BanList") {
  static readonly layer = Layer.effect(
    BanList,
    Effect.gen(function*() {
      const clock = yield* Clock.Clock
      const store = yield* MessageStore
      let bans = new Map<string, Ban>()
      let edits = 0
      /** What was added or removed here and may be missing in what is being read. */
      const recent = new Map<string, { readonly edit: number; readonly ban: Ban | undefined }>()

      const isInForce = (ban: Ban | undefined): boolean =>
        ban !== undefined && (ban.until === undefined || ban.until > clock.currentTimeMillisUnsafe())

      const inForce = (key: string): boolean => isInForce(bans.get(key))

      const put = (key: string, ban: Ban | undefined) => {
        recent.set(key, { edit: ++edits, ban })
        if (ban === undefined) bans.delete(key)
        else bans.set(key, ban)
      }

      const replace = (fresh: ReadonlyArray<Ban>, since: number) => {
        const before = bans
        bans = new Map(fresh.map((ban) => [keyOf(ban), ban]))
        for (const [key, { ban, edit }] of recent) {
          if (edit <= since) recent.delete(key)
          else if (ban === undefined) bans.delete(key)
          else bans.set(key, ban)
        }
        return Array.from(bans).flatMap(([key, ban]) => {
          const known = before.get(key)
          const isKnown = known !== undefined && known.at === ban.at && known.until === ban.until
          return isKnown || !isInForce(ban) ? [] : [ban]
        })
      }

      // Before the first client is let in. A store that fails here fails everything else too.
      replace(yield* store.bans.pipe(Effect.catchTag("StoreError", () => Effect.succeed([]))), 0)

      return BanList.of({
        isBanned: (user, tokenId) =>
          bans.size > 0 &&
          (inForce(keyOf({ kind: "user", id: user })) ||
            (tokenId !== undefined && inForce(keyOf({ kind: "token", id: tokenId })))),
        add: (ban) => put(keyOf(ban), ban),
        remove: (ban) => put(keyOf(ban), undefined),
        edits: () => edits,
        replace,
        of: (ban) => {
          const known = bans.get(keyOf(ban))
          return isInForce(known) ? known : undefined
        },
        list: (now) => Array.from(bans.values()).filter(({ until }) => until === undefined || until > now)
      })
    })
  )
}
