/** The admin API about bans, carried out. */
import { Clock, Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { UserId } from "../../domain/Ids.ts"
import { Bans, type Subject } from "../admission/Bans.ts"
import { Api } from "../api/Api.ts"
import { apiError, storeIsDown } from "../api/ApiError.ts"
import { usualPage } from "../api/paging.ts"
import { Least } from "../kernel/Least.ts"
import type { Ban } from "../storage/MessageStore.ts"

const subjectOf = ({ token_id, user }: { readonly user?: string; readonly token_id?: string }): Subject =>
  user === undefined ? { kind: "token", id: token_id ?? "" } : { kind: "user", id: user }

const ofToken = "token:"
/** Before an id that begins as these do themselves. */
const ofUser = "user:"

/** Users come first. */
const keyOf = ({ id, kind }: Subject): string => kind === "user" ? `0${id}` : `1${id}`

const keyAfter = (after: string): string =>
  keyOf(
    after.startsWith(ofToken)
      ? { kind: "token", id: after.slice(ofToken.length) }
      : { kind: "user", id: after.startsWith(ofUser) ? after.slice(ofUser.length) : after }
  )

const banOf = ({ id, kind, ...ban }: Ban) => ({
  // The id of a ban of a user is a user's.
  ...(kind === "user" ? { user: id as UserId } : { token_id: id }),
  ...ban
})

const page = (bans: ReadonlyArray<Ban>, after: string | undefined, limit: number) => {
  const least = new Least<Ban>({ after: after === undefined ? undefined : keyAfter(after), most: limit + 1 })
  for (const ban of bans) least.add(keyOf(ban), () => ban)
  return { bans: least.items.slice(0, limit).map(banOf), has_more: least.items.length > limit }
}

/** Older than those that follow; they stay until 1.0. */
export const AdminHandlers = HttpApiBuilder.group(
  Api,
  "admin",
  Effect.fn(function*(handlers) {
    const bans = yield* Bans
    return handlers.handleAll({
      kick: ({ payload }) => Effect.map(bans.kick(subjectOf(payload)), (connections) => ({ connections })),
      ban: ({ payload }) =>
        Effect.mapBoth(bans.ban(subjectOf(payload), payload), {
          onFailure: storeIsDown,
          onSuccess: (connections) => ({ connections })
        }),
      lift: ({ payload }) =>
        Effect.mapBoth(bans.lift(subjectOf(payload)), { onFailure: storeIsDown, onSuccess: (lifted) => ({ lifted }) }),
      bans: ({ query: { after, limit = usualPage } }) => Effect.map(bans.list, (list) => page(list, after, limit))
    })
  })
)

export const BanHandlers = HttpApiBuilder.group(
  Api,
  "bans",
  Effect.fn(function*(handlers) {
    const bans = yield* Bans
    return handlers.handleAll({
      putBan: Effect.fnUntraced(function*({ params: { user }, payload }) {
        const at = yield* Clock.currentTimeMillis
        const terms = payload ?? {}
        if (terms.until !== undefined && terms.until <= at) {
          return yield* apiError(400, "`until` in the body has passed; give a time to come, or leave it out.")
        }
        const subject = { kind: "user", id: user } as const
        const connections = yield* Effect.mapError(bans.ban(subject, terms), storeIsDown)
        return { user, ...terms, at: (yield* bans.of(subject))?.at ?? at, connections }
      }),
      deleteBan: ({ params: { user } }) =>
        bans.lift({ kind: "user", id: user }).pipe(
          Effect.mapError(storeIsDown),
          Effect.flatMap((lifted) =>
            lifted ? Effect.void : Effect.fail(apiError(404, `${user} is not banned; check the id.`))
          )
        )
    })
  })
)
