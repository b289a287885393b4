/** Verbs about messages. */
import { Option } from "effect"
import { Argument, Flag } from "effect/cli"
import { defined } from "../../domain/defined.ts"
import * as flags from "../flags.ts"
import { done, list, path, thing } from "./Request.ts"
import { Time } from "./Time.ts"
import { type Carry, conversation, get, page, reason, seq, verbWith } from "./verb.ts"

const time = (name: string, description: string) =>
  Flag.String(name).pipe(
    Flag.withSchema(Time),
    Flag.optional,
    Flag.withDescription(`${description}, such as 2027-01-31T12:00Z`)
  )

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
      "search",
      "Find messages by their words, the newest first",
      {
        words: Argument.String("words").pipe(
          Argument.variadic(),
          Argument.withDescription("What they have to have; \"a phrase\" stands in quotes")
        ),
        in: flags.optional("in", "Only in this conversation, as dm:alice:bob or group:ID"),
        user: flags.optional("user", "Only what this user may see"),
        sender: flags.optional("sender", "Only what this user has said"),
        before: time("before", "Only what was said before this time"),
        after: time("after", "Only what was said after this time"),
        has: Flag.Literals("has", ["file", "link"]).pipe(
          Flag.optional,
          Flag.withDescription("Only with a file, or a link")
        ),
        cursor: flags.optional("cursor", "Goes on where an answer ended"),
        limit: page.limit
      },
      ({ after, before, words, ...rest }) => ({
        request: get("search", {
          query: words.join(" "),
          conversation: Option.getOrUndefined(rest.in),
          user: Option.getOrUndefined(rest.user),
          sender: Option.getOrUndefined(rest.sender),
          before_at: Option.getOrUndefined(before),
          after_at: Option.getOrUndefined(after),
          has: Option.getOrUndefined(rest.has),
          cursor: Option.getOrUndefined(rest.cursor),
          limit: Option.getOrUndefined(rest.limit)
        }),
        shape: { _tag: "Pages", items: "hits", columns: ["at", "conversation", "seq", "sender", "text"] }
      })
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
