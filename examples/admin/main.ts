/** A bot and a moderator, over the admin API. */
import { Effect, Layer } from "effect"
import { FetchHttpClient } from "effect/http"
import { AdminClient, type AdminClientOptions, ConversationId, GroupId, UserId } from "switchboard/admin"

const [bot, alice] = [UserId.make("news-bot"), UserId.make("alice")]
const group = GroupId.make("team-42")
const conversation = ConversationId.make(`group:${group}`)

/** Running it again changes nothing more. */
export const provision = Effect.gen(function*() {
  const admin = yield* AdminClient
  yield* admin.groups.create({ payload: { id: group, name: "Team 42", owner: bot, members: [] } })
  return yield* admin.groups.putMember({ params: { group, user: alice }, payload: { role: "admin" } })
})

export const announce = Effect.fn(function*(text: string) {
  const admin = yield* AdminClient
  return yield* admin.messages.send({ payload: { sender: bot, group, text } }).pipe(
    Effect.catchTag("ApiError", (error) => Effect.die(`${error.code}: ${error.message}`))
  )
})

export const takeBack = Effect.fn(function*(seq: number) {
  const admin = yield* AdminClient
  yield* admin.messages.remove({ params: { conversation, seq }, payload: { reason: "out of date" } })
})

export const admin = (options: AdminClientOptions) =>
  AdminClient.layer(options).pipe(Layer.provide(FetchHttpClient.layer))
