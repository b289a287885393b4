/** Verbs about groups. */
import { Option } from "effect"
import { Argument, Flag } from "effect/cli"
import { defined } from "../../domain/defined.ts"
import * as flags from "../flags.ts"
import { done, path, thing } from "./Request.ts"
import { type Carry, get, group, reason, user, verbWith } from "./verb.ts"

export const groups = <E, R>(carry: Carry<E, R>) => {
  const verb = verbWith(carry)
  return [
    verb("group", "A group and its members", { group }, ({ group }) => thing(get(path`groups/${group}`))),
    verb(
      "create-group",
      "Make a group",
      {
        name: Argument.String("name").pipe(Argument.withDescription("What it is called")),
        owner: flags.user("owner", "Who owns it"),
        members: flags.optional("members", "Who else is in it, with commas between"),
        more: flags.several("member", "Who else is in it, as it is, commas and all; may be given again"),
        id: flags.optional("id", "Names the group: making it again under the same id is safe")
      },
      ({ id, members, more, name, owner }) =>
        thing({
          method: "POST",
          path: "groups",
          body: defined({
            name,
            owner,
            members: Option.match(members, { onNone: () => more, onSome: (text) => text.split(",").concat(more) }),
            id: Option.getOrUndefined(id)
          })
        })
    ),
    verb(
      "rename-group",
      "Give a group another name",
      { group, name: Argument.String("name").pipe(Argument.withDescription("What it is to be called")) },
      ({ group, name }) => thing({ method: "PATCH", path: path`groups/${group}`, body: { name } })
    ),
    verb(
      "delete-group",
      "Take everybody out of a group",
      { group },
      ({ group }) => done({ method: "DELETE", path: path`groups/${group}` }, `Nobody is in ${group} any more.`)
    ),
    verb(
      "add-member",
      "Put a user into a group, or give them another role",
      { group, user, role: Flag.Literals("role", ["member", "admin", "owner"]).pipe(Flag.optional) },
      ({ group, role, user }) =>
        thing({
          method: "PUT",
          path: path`groups/${group}/members/${user}`,
          body: defined({ role: Option.getOrUndefined(role) })
        })
    ),
    verb(
      "describe-group",
      "Say what a group is about",
      { group, description: Argument.String("description").pipe(Argument.withDescription("Empty takes it away")) },
      ({ description, group }) => thing({ method: "PATCH", path: path`groups/${group}`, body: { description } })
    ),
    verb(
      "ban-member",
      "Keep a user out of a group",
      { group, user, reason },
      ({ group, reason, user }) =>
        thing({
          method: "PUT",
          path: path`groups/${group}/bans/${user}`,
          body: defined({ reason: Option.getOrUndefined(reason) })
        })
    ),
    verb(
      "unban-member",
      "Let a user into a group again",
      { group, user },
      ({ group, user }) => thing({ method: "DELETE", path: path`groups/${group}/bans/${user}` })
    ),
    verb(
      "remove-member",
      "Take a user out of a group",
      { group, user },
      ({ group, user }) => thing({ method: "DELETE", path: path`groups/${group}/members/${user}` })
    )
  ] as const
}
