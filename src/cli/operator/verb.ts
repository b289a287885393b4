/** What the verbs of `switchboard admin` are made of. */
import { type Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { defined } from "../../domain/defined.ts"
import { UserId } from "../../domain/Ids.ts"
import * as flags from "../flags.ts"
import type { Asked } from "./Request.ts"

export const user = Argument.String("user").pipe(Argument.withSchema(UserId), Argument.withDescription("The user's id"))
export const group = Argument.String("group").pipe(Argument.withDescription("The group's id"))
export const conversation = Argument.String("conversation").pipe(
  Argument.withDescription("As dm:alice:bob or group:ID")
)
export const seq = Argument.Int("seq").pipe(Argument.withDescription("The message's place in its conversation"))
export const reason = flags.optional("reason", "Why, for the log")

export const page = {
  after: flags.optional("after", "The last of the page before"),
  limit: Flag.Int("limit").pipe(Flag.optional, Flag.withDescription("How many, from 1 to 100"))
}

export const pageOf = (
  { after, limit }: { readonly after: Option.Option<string>; readonly limit: Option.Option<number> }
) => defined({ after: Option.getOrUndefined(after), limit: Option.getOrUndefined(limit) })

export const get = (path: string, query: Readonly<Record<string, string | number | boolean | undefined>> = {}) =>
  ({ method: "GET", path, query: defined(query) }) as const

/** Does what is asked. */
export type Carry<E, R> = (asked: Asked) => Effect.Effect<void, E, R>

/** Verbs that are carried out so. */
export const verbWith =
  <E, R>(carry: Carry<E, R>) =>
  <const Name extends string, const C extends Command.Command.Config>(
    name: Name,
    description: string,
    config: C,
    asked: (input: Command.Command.Config.Infer<C>) => Asked
  ) => Command.make(name, config, (input) => carry(asked(input))).pipe(Command.withDescription(description))
