/** How the commands that talk to a server get in, and what they say when they cannot. */
import { Effect, Layer, Option, Redacted, Stream } from "effect"
import { type CliError, Flag } from "effect/cli"
import { ChatClient, type ClientOptions } from "../client/ChatClient.ts"
import { layerTransport } from "../client/node.ts"
import type { ClientState, Target } from "../client/types.ts"
import type { UserId } from "../domain/Ids.ts"
import { ended, userError } from "./errors.ts"
import * as flags from "./flags.ts"

/** Addresses as people have them: of the socket, of the page, or without a scheme. Empty for what is none. */
const socketOf = (given: string): string => {
  const text = /^[a-z]+:\/\//i.test(given) ? given : `http://${given}`
  if (!URL.canParse(text)) return ""
  const url = new URL(text)
  if (!/^(https?|wss?):$/.test(url.protocol)) return ""
  // The page has its socket beside it, whatever it shows.
  url.hash = ""
  const isPage = url.protocol.startsWith("http") || url.pathname === "/"
  if (isPage && !url.pathname.endsWith("/ws")) url.pathname = `${url.pathname.replace(/\/(index\.html)?$/, "")}/ws`
  url.protocol = url.protocol.replace("http", "ws")
  return url.href
}

export const connectionFlags = {
  as: flags.user("as", "Who you are"),
  to: flags.user("to", "The user to talk to").pipe(Flag.optional),
  group: flags.optional("group", "The id of the group to talk to"),
  url: flags.text("url", "ws://localhost:8080/ws", "The server's socket, or the address of its page").pipe(
    Flag.map(socketOf),
    Flag.filter((url) => url !== "", () => "Give --url the address of a server, such as http://localhost:8080.")
  ),
  token: flags.secret("token", "Your token, where the server wants one")
}

/** For programs: one JSON object a line. */
export const jsonFlag = flags.toggle("json", "One JSON object a line, for programs")

export type ConnectionFlags = flags.Input<typeof connectionFlags>

/** Exactly one of `--to` and `--group`, or none. */
export const targetOf = ({ group, to }: ConnectionFlags): Effect.Effect<Target | undefined, CliError.UserError> =>
  Option.isSome(group) && Option.isSome(to)
    ? userError("Give --to or --group, not both.")
    : Effect.succeed(
      Option.isSome(to) ? { recipient: to.value } : Option.isSome(group) ? { group: group.value } : undefined
    )

export const clientLayer = (
  { as, token, url }: ConnectionFlags,
  more: Pick<ClientOptions, "device" | "outbox"> = {}
): Layer.Layer<ChatClient> =>
  ChatClient.layer({
    url,
    credentials: Option.match(token, {
      onNone: () => ({ _tag: "PhoneNumber", user: as }),
      onSome: (secret) => ({ _tag: "Token", token: () => Redacted.value(secret) })
    }),
    ...more
  }).pipe(Layer.provide(layerTransport))

/** The first time that there is a connection, or the end. */
export const settled = (client: ChatClient["Service"]) =>
  Stream.runHead(Stream.filter(client.states, ({ _tag }) => _tag === "Ready" || _tag === "Closed"))

/** The state that says why nothing happens yet. */
export const whyNot = (state: ClientState, url: string): string =>
  state._tag === "Reconnecting"
    ? `${url} does not let anybody in: ${ended(state.reason)}${
      state.reason.includes("certificate") ? "" : " Is the server running there?"
    }`
    : `${url} has not answered.`

/** With a token the server decides who one is; it should be who one thinks. */
export const checkUser = (state: ClientState, as: UserId): Effect.Effect<void, CliError.UserError> =>
  state._tag === "Ready" && state.welcome.user !== as
    ? userError(`The token is ${state.welcome.user}'s; use --as ${state.welcome.user}.`)
    : Effect.void
