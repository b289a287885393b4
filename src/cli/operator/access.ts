/** Verbs about connections and bans. */
import { Option } from "effect"
import { Argument, Flag } from "effect/cli"
import { defined } from "../../domain/defined.ts"
import * as flags from "../flags.ts"
import { after, afterFlag, done, type Item, list, path, thing } from "./Request.ts"
import { Time } from "./Time.ts"
import { type Carry, get, page, pageOf, reason, user, verbWith } from "./verb.ts"

/** A ban is a user's or a token's. */
const ban = ({ token_id, user }: Item): string =>
  afterFlag(
    typeof user !== "string" ? `token:${String(token_id)}` : /^(?:user|token):/.test(user) ? `user:${user}` : user
  )

export const access = <E, R>(carry: Carry<E, R>) => {
  const verb = verbWith(carry)
  return [
    verb(
      "connections",
      "Who is connected, and how",
      { user: flags.optional("user", "Only this user's"), ...page },
      ({ user, ...rest }) =>
        list(
          "connections",
          ["session", "user", "device", "level", "address", "connected_at", "buffered_bytes", "node"],
          after("session"),
          get("connections", { ...pageOf(rest), user: Option.getOrUndefined(user) })
        )
    ),
    verb(
      "disconnect",
      "End a connection",
      { session: Argument.String("session").pipe(Argument.withDescription("As \"connections\" names it")) },
      ({ session }) => done({ method: "DELETE", path: path`connections/${session}` }, `Closed ${session}.`)
    ),
    verb(
      "kick",
      "End all connections of a user",
      { user },
      ({ user }) => thing({ method: "POST", path: "kick", body: { user } })
    ),
    verb(
      "bans",
      "Who may not come in",
      page,
      (input) => list("bans", ["user", "token_id", "until", "reason", "at"], ban, get("bans", pageOf(input)))
    ),
    verb(
      "ban",
      "Keep a user out, and end their connections",
      {
        user,
        reason,
        until: Flag.String("until").pipe(
          Flag.withSchema(Time),
          Flag.optional,
          Flag.withDescription("Until when: a time such as 2027-01-31T12:00Z; without it, until it is lifted")
        )
      },
      ({ reason, until, user }) =>
        done(
          {
            method: "PUT",
            path: path`bans/${user}`,
            body: defined({ until: Option.getOrUndefined(until), reason: Option.getOrUndefined(reason) })
          },
          `Banned ${user}.`
        )
    ),
    verb(
      "lift",
      "Let a banned user in again",
      { user },
      ({ user }) => done({ method: "DELETE", path: path`bans/${user}` }, `${user} may come in.`)
    )
  ] as const
}
