/** Verbs about messages. */
import { Option } from "effect"
import { Argument, Flag } from "effect/cli"
import { defined } from "../../domain/defined.ts"
import * as flags from "../flags.ts"
import { done, list, path, thing } from "./Request.ts"
import { type Carry, conversation, get, page, reason, seq, verbWith } from "./verb.ts"

export const rooms = <E, R>(carry: Carry<E, R>) => {
  const verb = verbWith(carry)
  return [
    verb(
      "say",
      "Send a message in somebody's name",
      {
        as: flags.user("as", "The sender"),
        to: flags.optional("to", "The user to send it to"),
        group: flags.optional("group", "The id of the group to send it to"),
        id: flags.optional("id", "Names the message: sending it again under the same id is safe"),
        text: Argument.String("text").pipe(Argument.variadic({ min: 1 }), Argument.withDescription("What to say"))
      },
      ({ as, group, id, text, to }) =>
        thing({
          method: "POST",
          path: "messages",
          body: defined({
            sender: as,
            recipient: Option.getOrUndefined(to),
            group: Option.getOrUndefined(group),
            id: Option.getOrUndefined(id),
            text: text.join(" ")
          })
        })
    ),
    verb(
      "messages",
      "What was said in a conversation",
      {
        conversation,
        before: Flag.Int("before").pipe(Flag.optional, Flag.withDescription("Those before this place")),
        after: Flag.Int("after").pipe(Flag.optional, Flag.withDescription("Those after this place")),
        limit: page.limit
      },
      ({ after, before, conversation, limit }) =>
        list(
          "messages",
          ["seq", "at", "sender", "kind", "text"],
          ({ seq }) => `--after ${String(seq)}, or --before with the first of them`,
          get(path`conversations/${conversation}/messages`, {
            before: Option.getOrUndefined(before),
            after: Option.getOrUndefined(after),
            limit: Option.getOrUndefined(limit)
          })
        )
    ),
    verb(
      "delete",
      "Delete a message, whoever wrote it",
      { conversation, seq, reason },
      ({ conversation, reason, seq }) =>
        done(
          {
            method: "DELETE",
            path: path`conversations/${conversation}/messages/${seq}`,
            body: defined({ reason: Option.getOrUndefined(reason) })
          },
          `Deleted #${seq} of ${conversation}.`
        )
    )
  ] as const
}
