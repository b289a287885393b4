/** The client as an Effect service: a bot that answers whoever talks to it. */
import { Effect, Stream } from "effect"
import { ChatClient, type ClientOptions } from "switchboard/client"

export const echo = Effect.gen(function*() {
  const client = yield* ChatClient
  yield* client.events.pipe(
    Stream.filter((event) => event.type === "incoming_message"),
    Stream.runForEach((message) =>
      client.send({ conversation: message.conversation }, `You said: ${message.text}`, {
        replyTo: message.seq,
        // The same answer to the same message, also after a crash between the two.
        id: `echo-${message.message_id}`
      }).pipe(
        Effect.catchTag("ChatError", (error) => Effect.logWarning(error.message))
      )
    )
  )
})

export const bot = (options: ClientOptions) => echo.pipe(Effect.provide(ChatClient.layer(options)))
