/** Verbs about the server itself. */
import { Option } from "effect"
import { Argument, Flag } from "effect/cli"
import { after, done, list, path, thing } from "./Request.ts"
import { type Carry, get, page, pageOf, verbWith } from "./verb.ts"

export const server = <E, R>(carry: Carry<E, R>) => {
  const verb = verbWith(carry)
  return [
    verb("stats", "How much there is", {}, () => thing(get("stats"))),
    verb(
      "config",
      "What the server runs with",
      {},
      () => list("settings", ["name", "value", "source"], after("name"), get("config"))
    ),
    verb(
      "webhook-events",
      "What the webhook has not taken",
      { state: Flag.Literals("state", ["waiting", "failed"]).pipe(Flag.optional), ...page },
      ({ state, ...rest }) =>
        list(
          "events",
          ["id", "type", "state", "attempts", "error", "next_at"],
          after("id"),
          get("webhook-events", { ...pageOf(rest), state: Option.getOrUndefined(state) })
        )
    ),
    verb(
      "retry",
      "Tell the webhook of an event again",
      { id: Argument.String("id").pipe(Argument.withDescription("As \"webhook-events\" names it")) },
      ({ id }) => done({ method: "POST", path: path`webhook-events/${id}/retry` }, `${id} is told again.`)
    )
  ] as const
}
