/** The admin API about people, carried out. */
import { Effect, Stream } from "effect"
import { HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import type { UserId } from "../../domain/Ids.ts"
import { NoDirectory } from "../admin/NoDirectory.ts"
import { Users, type UserState } from "../admin/Users.ts"
import { Api } from "../api/Api.ts"
import { apiError, storeIsDown } from "../api/ApiError.ts"
import { usualPage } from "../api/paging.ts"
import { nextTurn } from "../kernel/ActorScheduler.ts"
import type { ExportPart } from "../personal/PersonalData.ts"
import type { StoreError } from "../storage/MessageStore.ts"

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

const opened = (fields: object): string => JSON.stringify(fields).slice(0, -1)

/**
 * One JSON object a line, of a page at a time. Not through the schema that describes it: what a store keeps is JSON, and to
 * look at every entry once more takes five times as long, in which nobody is served.
 */
const linesOf = (part: ExportPart): string => {
  if (part.type === "file_content") return `${JSON.stringify(part)}\n`
  if (part.type === "file") {
    const { type: content_type, ...file } = part.value
    return `${JSON.stringify({ type: part.type, ...file, content_type })}\n`
  }
  if (part.type !== "entries") return `${JSON.stringify({ type: part.type, ...part.value })}\n`
  const before = `${opened({ type: "entry", conversation: part.conversation })},`
  let lines = ""
  for (const entry of part.entries) lines += `${before}${JSON.stringify(entry).slice(1)}\n`
  return lines
}

/** A socket that takes it all at once would have one page follow the other, and nobody else their turn. */
const inTurn = (part: ExportPart) => Effect.as(nextTurn, linesOf(part))

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
          Effect.map((parts) =>
            HttpServerResponse.stream(Stream.encodeText(Stream.mapEffect(parts, inTurn)), {
              contentType: "application/x-ndjson"
            })
          )
        ),

      listUserConversations: ({ params: { user }, query }) =>
        Effect.flatMap(Effect.mapError(users.conversations(user, query), storeIsDown), orUnknown(user)),

      putProfile: ({ params: { user }, payload }) => Effect.mapError(users.putProfile(user, payload), failed)
    })
  })
)
