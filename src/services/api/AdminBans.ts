/** The admin API about bans of users, one at a time. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Timestamp, UserId } from "../../domain/Ids.ts"
import { isStorable } from "../../domain/Text.ts"
import { apiErrors } from "./ApiError.ts"
import { AdminAccess, BoundedBody } from "./middlewares.ts"
import { bodyIsOptional, optionalBody } from "./optionalBody.ts"

/** What every store can hold. */
export const storable = Schema.makeFilter(isStorable, { expected: "well-formed text without NUL" })

/** Until when it holds, in milliseconds since the epoch, and why; without `until`, until it is lifted. */
export const BanTerms = Schema.Struct({
  until: Schema.optionalKey(Timestamp),
  reason: Schema.optionalKey(Schema.String.pipe(Schema.check(Schema.isMaxLength(200), storable)))
})

const params = { user: UserId }

export const AdminBans = HttpApiGroup.make("bans")
  .add(
    HttpApiEndpoint.put("putBan", "/bans/:user", {
      params,
      payload: optionalBody(BanTerms),
      success: Schema.Struct({ user: UserId, ...BanTerms.fields, at: Timestamp, connections: Schema.Int }),
      error: apiErrors
    }).annotateMerge(bodyIsOptional).annotateMerge(OpenApi.annotations({
      description:
        "Keeps a user out, in place of an earlier ban, and closes their connections (4503); `connections` says how many there were."
    })),
    HttpApiEndpoint.delete("deleteBan", "/bans/:user", {
      params,
      success: HttpApiSchema.NoContent,
      error: apiErrors
    }).annotateMerge(OpenApi.annotations({ description: "Lifts the ban of a user. 404 if there is none." }))
  )
  .middleware(AdminAccess)
  .middleware(BoundedBody)
  .prefix("/v1/admin")
