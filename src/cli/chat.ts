/** `switchboard chat`: a terminal client, or plain lines for scripts when there is no terminal. */
import * as NodeTerminal from "@effect/platform-node/NodeTerminal"
import { Effect, Fiber, Layer, Option, Stream } from "effect"
import { Command } from "effect/cli"
import { Terminal } from "effect/Terminal"
import { ChatClient } from "../client/ChatClient.ts"
import { ClientError } from "../client/ClientError.ts"
import { fileOutbox } from "../client/fileOutbox.ts"
import type { Target } from "../client/types.ts"
import { defined } from "../domain/defined.ts"
import { parse } from "./chat/parse.ts"
import { jsonScreen, plainScreen, type Screen, terminalScreen } from "./chat/Screen.ts"
import { Session } from "./chat/Session.ts"
import { listConversations, typed } from "./chat/Typed.ts"
import { checkUser, clientLayer, connectionFlags, jsonFlag, settled, targetOf, whyNot } from "./connection.ts"
import { chatError, NoAnswer, userError } from "./errors.ts"
import * as flags from "./flags.ts"

const chatFlags = {
  ...connectionFlags,
  json: jsonFlag,
  device: flags.optional(
    "device",
    "Names this device; a newer connection of the same device replaces it (default: terminal, none in a script)"
  ),
  outbox: flags.optional(
    "outbox",
    "A file that keeps what was not accepted yet; without it that is forgotten at the end"
  )
}

/** How long a script waits for the server, and at its end for the answers. */
const patience = "10 seconds"

const isTerminal = Effect.sync(() => process.stdin.isTTY === true && process.stdout.isTTY === true)

/** All keys come to the program: it decides itself which of them end it. */
const rawTerminal = Layer.effect(Terminal, NodeTerminal.make(({ key }) => key.ctrl && key.name === "c"))

const closed = Effect.fnUntraced(function*(client: ChatClient["Service"]) {
  yield* Stream.runDrain(client.states)
  const state = yield* client.currentState
  if (state._tag !== "Closed") return yield* userError("The chat ended.")
  const { _tag: _, code, reason } = state
  const message = `The server ended the chat: ${reason}`
  return yield* chatError(new ClientError({ reason: "closed", message, ...defined({ code }) }))
})

const begin = Effect.fnUntraced(function*(session: Session, target: Target | undefined) {
  if (target !== undefined) return yield* session.open(target, true)
  yield* listConversations(session)
})

const read = Effect.fnUntraced(function*(session: Session, onWrong: () => void) {
  yield* Stream.runForEachWhile(session.screen.lines, (line) =>
    session.screen.interactive
      // The next line can be typed while this one waits for its answer. What is synchronous in it happens in order.
      ? Effect.as(
        Effect.forkChild(typed(session, line, onWrong), { startImmediately: true }),
        parse(line)._tag !== "Quit"
      )
      : typed(session, line, onWrong))
})

const converse = Effect.fnUntraced(
  function*(input: flags.Input<typeof chatFlags>, target: Target | undefined, screen: Screen) {
    const client = yield* ChatClient
    const session = new Session(client, screen, input.as)
    let wrong = 0
    const onWrong = () => void wrong++
    const showing = yield* Stream.runForEach(client.events, session.onEvent).pipe(Effect.forkScoped)
    yield* Stream.runForEach(client.states, session.onState).pipe(Effect.forkScoped)
    yield* Stream.runForEach(screen.edits, () => session.onEdit).pipe(Effect.forkScoped)

    const noAnswer = Effect.flatMap(
      client.currentState,
      (state) => new NoAnswer({ sentence: whyNot(state, input.url) })
    )
    // A person sees that there is no connection, and decides how long to wait.
    const patient = screen.interactive
      ? settled(client)
      : Effect.timeoutOrElse(settled(client), { duration: patience, orElse: () => noAnswer })
    const begun = patient.pipe(
      Effect.andThen(Effect.flatMap(client.currentState, (state) => checkUser(state, input.as))),
      Effect.andThen(
        begin(session, target).pipe(
          Effect.catchTags({
            ChatError: (error) => screen.notice(`! ${error.message}`),
            ClientError: () => Effect.void
          })
        )
      )
    )
    const talk = screen.interactive
      ? Effect.andThen(Effect.forkChild(begun, { startImmediately: true }), read(session, onWrong))
      : Effect.andThen(begun, read(session, onWrong))
    yield* Effect.raceFirst(talk, closed(client))

    const going = session.sending.lines.length
    const left = yield* client.pending
    // What became of the last line is shown before the end.
    yield* client.close
    yield* Fiber.await(showing)
    if (left.length > 0) {
      const kept = Option.isSome(input.outbox) ? ` They are kept in ${input.outbox.value}.` : ""
      return yield* new NoAnswer({ sentence: `${left.length} of your messages have no answer yet.${kept}` })
    }
    if (going > 0) return yield* new NoAnswer({ sentence: `${going} of your files were still on their way.` })
    if (!screen.interactive && wrong + session.refused > 0) {
      return yield* userError(`${wrong + session.refused} of the lines could not be carried out.`)
    }
  }
)

export const chat = Command.make(
  "chat",
  chatFlags,
  Effect.fn("chat")(function*(input) {
    const target = yield* targetOf(input)
    const interactive = !input.json && (yield* isTerminal)
    // Scripts of one user may run at the same time, and must not replace each other.
    const device = Option.getOrElse(input.device, () => interactive ? "terminal" : undefined)
    const client = clientLayer(input, {
      ...defined({ device, outbox: Option.getOrUndefined(Option.map(input.outbox, fileOutbox)) })
    })
    const program = Effect.scoped(
      Effect.flatMap(
        interactive ? terminalScreen : input.json ? jsonScreen : plainScreen,
        (screen) => converse(input, target, screen)
      )
    ).pipe(Effect.provide(client))
    yield* interactive ? Effect.provide(program, rawTerminal) : program
  })
).pipe(
  Command.withDescription("Chat at the terminal; without one, each line of stdin is a message or a /command"),
  Command.withExamples([
    { command: "switchboard chat --as alice --to bob", description: "Talk to bob; /help tells what else there is" },
    { command: "echo hello | switchboard chat --as alice --to bob", description: "Say one thing, from a script" }
  ])
)
