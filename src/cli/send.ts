/** `switchboard send`: one message, and whether it was accepted. */
import { Console, Effect, Option, Schema, Stdio, Stream } from "effect"
import { Argument, Command } from "effect/cli"
import { ChatClient } from "../client/ChatClient.ts"
import { MessageText } from "../domain/ClientFrame.ts"
import { defined } from "../domain/defined.ts"
import { checkUser, clientLayer, connectionFlags, jsonFlag, settled, targetOf, whyNot } from "./connection.ts"
import { chatError, NoAnswer, userError } from "./errors.ts"
import * as flags from "./flags.ts"

/** No more is read than a message may hold, whatever comes. */
const maxStdinChars = 65_536

const isText = Schema.is(MessageText)

const fromStdin = Effect.gen(function*() {
  if (process.stdin.isTTY === true) return yield* userError("Give the text, or pipe it in.")
  let text = ""
  yield* Stream.runForEachWhile(
    (yield* Stdio.Stdio).stdin.pipe(Stream.decodeText, Stream.orDie),
    (chunk) => Effect.sync(() => (text += chunk).length <= maxStdinChars)
  )
  const said = text.replace(/\r?\n$/, "")
  return said === "" ? yield* userError("Nothing came on stdin; give a text.") : said
})

export const send = Command.make(
  "send",
  {
    ...connectionFlags,
    json: jsonFlag,
    id: flags.optional("id", "Names the message: sending it again under the same id is safe"),
    timeout: flags.count("timeout", 10, 86_400, "Seconds to wait for the answer"),
    text: Argument.String("text").pipe(
      Argument.variadic,
      Argument.withDescription("What to say, of one or more words; without it, what comes on stdin")
    )
  },
  Effect.fn("send")(function*(input) {
    const target = yield* targetOf(input)
    if (target === undefined) return yield* userError("Give --to USER or --group ID.")
    const text = input.text.length > 0 ? input.text.join(" ") : yield* fromStdin
    if (!isText(text)) {
      return yield* userError("Give a text that people can read; this one is empty, or has NULs in it.")
    }
    const program = Effect.gen(function*() {
      const client = yield* ChatClient
      yield* settled(client)
      yield* checkUser(yield* client.currentState, input.as)
      return yield* client.send(target, text, defined({ id: Option.getOrUndefined(input.id) }))
    }).pipe(
      Effect.catchTag(["ChatError", "ClientError"], (error) => Effect.fail(chatError(error))),
      Effect.timeoutOrElse({
        duration: `${input.timeout} seconds`,
        orElse: () =>
          Effect.flatMap(
            Effect.flatMap(ChatClient, ({ currentState }) => currentState),
            (state) => new NoAnswer({ sentence: `No answer in ${input.timeout} seconds: ${whyNot(state, input.url)}` })
          )
      })
    )
    const accepted = yield* program.pipe(Effect.provide(clientLayer(input)))
    const { conversation, seq } = accepted
    yield* Console.log(input.json ? JSON.stringify(accepted) : `Accepted as #${seq} of ${conversation}.`)
  })
).pipe(
  Command.withDescription("Send one message and wait until the server has accepted it"),
  Command.withExamples([
    {
      command: "switchboard send --as alice --to bob \"hello\"",
      description: "Exit code 0: accepted, 1: refused, 2: no answer"
    },
    { command: "df -h | switchboard send --as disks --to alice", description: "What another command says" }
  ])
)
