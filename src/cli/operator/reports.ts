/** Verbs about what users have reported, and about invitations. */
import { Option } from "effect"
import { Argument, Flag } from "effect/cli"
import { defined } from "../../domain/defined.ts"
import * as flags from "../flags.ts"
import { after, done, list, path, thing } from "./Request.ts"
import { type Carry, get, group, page, pageOf, verbWith } from "./verb.ts"

const never = () => ""

export const reports = <E, R>(carry: Carry<E, R>) => {
  const verb = verbWith(carry)
  return [
    verb(
      "reports",
      "Messages that users have reported",
      {
        state: Flag.Literals("state", ["open", "closed"]).pipe(Flag.optional),
        user: flags.optional("user", "Only about this user's messages"),
        conversation: flags.optional("conversation", "Only in this one, as dm:alice:bob or group:ID"),
        ...page
      },
      ({ conversation, state, user, ...rest }) =>
        list(
          "reports",
          ["id", "at", "conversation", "seq", "author", "reporter", "reason", "text", "closed_at"],
          after("id"),
          get("reports", {
            ...pageOf(rest),
            state: Option.getOrUndefined(state),
            user: Option.getOrUndefined(user),
            conversation: Option.getOrUndefined(conversation)
          })
        )
    ),
    verb(
      "close-report",
      "Say that somebody has seen to a report",
      { report: Argument.Int("report").pipe(Argument.withDescription("As \"reports\" numbers it")) },
      ({ report }) => thing({ method: "POST", path: path`reports/${report}/close` })
    ),
    verb(
      "invites",
      "Invitations into a group that are good now",
      { group },
      ({ group }) => list("invites", ["invite", "expires_at", "uses_left"], never, get(path`groups/${group}/invites`))
    ),
    verb(
      "invite",
      "Make an invitation into a group",
      {
        group,
        expires: Flag.Int("expires-at").pipe(Flag.optional, Flag.withDescription("In milliseconds since the epoch")),
        uses: Flag.Int("uses").pipe(Flag.optional, Flag.withDescription("How many it lets in"))
      },
      ({ expires, group, uses }) =>
        thing({
          method: "POST",
          path: path`groups/${group}/invites`,
          body: defined({ expires_at: Option.getOrUndefined(expires), uses: Option.getOrUndefined(uses) })
        })
    ),
    verb(
      "revoke-invite",
      "Have an invitation let nobody in any more",
      { group, invite: Argument.String("invite").pipe(Argument.withDescription("As \"invites\" has it")) },
      ({ group, invite }) =>
        done({ method: "DELETE", path: path`groups/${group}/invites/${invite}` }, `Nobody comes in by it any more.`)
    )
  ] as const
}
