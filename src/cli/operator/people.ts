/** Verbs about users. */
import { Option } from "effect"
import { Flag } from "effect/cli"
import { defined } from "../../domain/defined.ts"
import * as flags from "../flags.ts"
import { after, done, list, path, thing } from "./Request.ts"
import { type Carry, get, page, pageOf, user, verbWith } from "./verb.ts"

export const people = <E, R>(carry: Carry<E, R>) => {
  const verb = verbWith(carry)
  return [
    verb(
      "users",
      "Whom the server knows",
      {
        online: Flag.Boolean("online").pipe(
          Flag.withDefault(false),
          Flag.withDescription("Only those who are here now")
        ),
        ...page
      },
      ({ online, ...rest }) =>
        list(
          "users",
          ["user", "name", "online", "connections", "last_seen"],
          after("user"),
          get("users", { ...pageOf(rest), ...(online ? { online } : undefined) })
        )
    ),
    verb("user", "What is known of a user", { user }, ({ user }) => thing(get(path`users/${user}`))),
    verb(
      "erase",
      "Remove what is stored about a user, and close their connections",
      { user },
      ({ user }) => done({ method: "DELETE", path: path`users/${user}` }, `Erased ${user}.`)
    ),
    verb(
      "export",
      "Print what is stored about a user, as JSON",
      { user },
      ({ user }) => ({ request: get(path`users/${user}/export`), shape: { _tag: "Lines" } })
    ),
    verb(
      "conversations",
      "A user's conversations",
      { user, ...page },
      ({ user, ...rest }) =>
        list(
          "conversations",
          ["conversation", "name", "head_seq", "unread", "last_at"],
          after("conversation"),
          get(path`users/${user}/conversations`, pageOf(rest))
        )
    ),
    verb(
      "profile",
      "Give a user a name or a picture",
      { user, name: flags.optional("name", "Their name"), avatar: flags.optional("avatar", "Their picture") },
      ({ avatar, name, user }) =>
        thing({
          method: "PUT",
          path: path`users/${user}/profile`,
          body: defined({ name: Option.getOrUndefined(name), avatar: Option.getOrUndefined(avatar) })
        })
    )
  ] as const
}
