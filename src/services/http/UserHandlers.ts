/** The admin API about people, carried out. */
import { Effect, type Schema, Stream } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { UserId } from "../../domain/Ids.ts"
import { NoDirectory } from "../admin/NoDirectory.ts"
import { Users, type UserState } from "../admin/Users.ts"
import type { ExportLine } from "../api/AdminUsers.ts"
import { Api } from "../api/Api.ts"
import { apiError, storeIsDown } from "../api/ApiError.ts"
import { usualPage } from "../api/paging.ts"
import type { StoreError } from "../storage/MessageStore.ts"
import type { ExportPart } from "../storage/PersonalData.ts"

const noDirectory = () =>
  apiError(503, "The store of this server cannot list people; give its app a Directory.", "not_supported")

const failed = (error: StoreError | NoDirectory) => error._tag === "NoDirectory" ? noDirectory() : storeIsDown()

const unknown = (user: UserId) => apiError(404, `Nothing is known of ${user}; check the id.`)

/** Or a 404, where there is none. */
const orUnknown = <A>(user: UserId) => (found: A | undefined) =>
  found === undefined ? Effect.fail(unknown(user)) : Effect.succeed(found)

const shown = <State extends UserState>({ lastSeen, ...state }: State) => ({
  ...state,
  online: state.connections > 0,
  ...(lastSeen === undefined ? undefined : { last_seen: lastSeen })
})

type Line = typeof ExportLine.Type

const lineOf = (type: Line["type"], fields: object): Line => // What a store keeps is JSON.
({ type, ...fields as { readonly [key: string]: Schema.Json } })

const linesOf = (part: ExportPart): ReadonlyArray<Line> =>
  part.type === "entries"
    ? part.entries.map((entry) => lineOf("entry", { conversation: part.conversation, ...entry }))
    : [lineOf(part.type, part.value)]

export const UserHandlers = HttpApiBuilder.group(
  Api,
  "users",
  Effect.fn(function*(handlers) {
    const users = yield* Users
    return handlers.handleAll({
      listUsers: ({ query: { limit = usualPage, ...query } }) =>
        Effect.mapBoth(users.list({ ...query, limit }), {
          onFailure: failed,
          onSuccess: ({ hasMore, users }) => ({ users: users.map(shown), has_more: hasMore })
        }),

      getUser: ({ params: { user } }) =>
        users.find(user).pipe(
          Effect.mapError(failed),
          Effect.flatMap(orUnknown(user)),
          Effect.map(({ ban, ...record }) => {
            if (ban === undefined) return shown(record)
            const { id: _, kind: __, ...terms } = ban
            return { ...shown(record), ban: terms }
          })
        ),

      eraseUser: ({ params: { user } }) =>
        users.erase(user).pipe(
          Effect.mapError(storeIsDown),
          Effect.flatMap((found) =>
            found
              ? Effect.void
              : Effect.fail(apiError(404, `Nothing is stored about ${user} that could be erased; check the id.`))
          )
        ),

      exportUser: ({ params: { user } }) =>
        users.export(user).pipe(
          Effect.mapError(storeIsDown),
          Effect.flatMap(orUnknown(user)),
          Effect.map((parts) => Stream.flattenIterable(Stream.map(parts, linesOf)))
        ),

      listUserConversations: ({ params: { user }, query }) =>
        Effect.flatMap(Effect.mapError(users.conversations(user, query), storeIsDown), orUnknown(user)),

      putProfile: ({ params: { user }, payload }) => Effect.mapError(users.putProfile(user, payload), failed)
    })
  })
)
