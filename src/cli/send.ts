/** `switchboard send`: one message, and whether it was accepted. */
import { Console, Effect, Option, Schema, Stdio, Stream } from "effect"
import { Argument, Command } from "effect/cli"
import { ChatClient, type ChatClientService } from "../client/ChatClient.ts"
import { fileAt } from "../client/nodeUploads.ts"
import { MessageText } from "../domain/ClientFrame.ts"
import { defined } from "../domain/defined.ts"
import { maxAttachments } from "../domain/entries/Attachment.ts"
import { maxDataBytes, maxDataDepth, MessageData } from "../domain/entries/MessageData.ts"
import { checkUser, clientLayer, connectionFlags, jsonFlag, settled, targetOf, whyNot } from "./connection.ts"
import { chatError, NoAnswer, userError } from "./errors.ts"
import * as flags from "./flags.ts"

/** No more is read than a message may hold, whatever comes. */
const maxStdinChars = 65_536

const isText = Schema.is(MessageText)
const isData = Schema.is(MessageData)

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

/** What is too large or too deep is refused here, too, so that it is said at once. */
const dataOf = Effect.fnUntraced(function*(json: string | undefined) {
  if (json === undefined) return undefined
  const data = Option.getOrUndefined(yield* Effect.option(Effect.try(() => JSON.parse(json) as unknown)))
  return isData(data)
    ? data
    : yield* userError(
      `--data is a JSON object, as '{"buttons":["yes","no"]}', of at most ${maxDataBytes} bytes, nested at most ${maxDataDepth} deep.`
    )
})

const textOf = Effect.fnUntraced(function*(words: string | undefined, hasMore: boolean) {
  // Files and data need no words, and nobody should have to close stdin to say so.
  if (words === undefined && hasMore) return ""
  const text = words ?? (yield* fromStdin)
  return isText(text)
    ? text
    : yield* userError("Give a text that people can read; this one is empty, or has NULs in it.")
})

/** All of them, in their order. The time runs only while none moves on. */
const upload = Effect.fnUntraced(function*(client: ChatClientService, files: ReadonlyArray<string>, seconds: number) {
  let moved = 0
  const onProgress = () => void moved++
  const stalled = Effect.gen(function*() {
    for (let before = -1; before !== moved;) {
      before = moved
      yield* Effect.sleep(`${seconds} seconds`)
    }
    return yield* new NoAnswer({ sentence: `The files did not move on for ${seconds} seconds.` })
  })
  const all = Effect.forEach(files, (path) => client.upload(fileAt(path), { onProgress }), { concurrency: "unbounded" })
  return files.length === 0 ? [] : yield* Effect.raceFirst(all, stalled)
})

export const send = Command.make(
  "send",
  {
    ...connectionFlags,
    json: jsonFlag,
    id: flags.optional("id", "Names the message: sending it again under the same id is safe"),
    timeout: flags.count("timeout", 10, 86_400, "Seconds to wait for the answer"),
    mention: flags.several("mention", "Who is meant by it, a member, or @all of a group; may be given again"),
    data: flags.optional("data", "An app's own data that comes with it, as a JSON object"),
    file: flags.several("file", "A file that comes with it; may be given again"),
    text: Argument.String("text").pipe(
      Argument.variadic,
      Argument.withDescription("What to say, of one or more words; without it, what comes on stdin")
    )
  },
  Effect.fn("send")(function*(input) {
    const target = yield* targetOf(input)
    if (target === undefined) return yield* userError("Give --to USER or --group ID.")
    if (input.file.length > maxAttachments) {
      return yield* userError(`A message has at most ${maxAttachments} files; send them in parts.`)
    }
    const data = yield* dataOf(Option.getOrUndefined(input.data))
    const hasMore = input.file.length > 0 || data !== undefined
    const text = yield* textOf(input.text.length > 0 ? input.text.join(" ") : undefined, hasMore)
    const inTime = <A, E>(effect: Effect.Effect<A, E, ChatClient>) =>
      Effect.timeoutOrElse(effect, {
        duration: `${input.timeout} seconds`,
        orElse: () =>
          Effect.flatMap(
            Effect.flatMap(ChatClient, ({ currentState }) => currentState),
            (state) => new NoAnswer({ sentence: `No answer in ${input.timeout} seconds: ${whyNot(state, input.url)}` })
          )
      })
    const program = Effect.gen(function*() {
      const client = yield* ChatClient
      yield* inTime(settled(client))
      yield* checkUser(yield* client.currentState, input.as)
      const attachments = yield* upload(client, input.file, input.timeout)
      return yield* inTime(
        client.send(target, text, {
          attachments,
          mentions: input.mention,
          ...defined({ id: Option.getOrUndefined(input.id), data })
        })
      )
    }).pipe(Effect.catchTag(["ChatError", "ClientError"], (error) => Effect.fail(chatError(error))))
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
    {
      command: "switchboard send --as alice --to bob --file plan.pdf --file map.png \"the way\"",
      description: "Files, with words or without"
    },
    {
      command: "switchboard send --as shop --to bob --data '{\"buttons\":[\"yes\",\"no\"]}' \"Is it there?\"",
      description: "What an app shows in its own way, here as buttons"
    },
    { command: "df -h | switchboard send --as disks --to alice", description: "What another command says" }
  ])
)
