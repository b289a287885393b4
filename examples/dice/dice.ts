/** A feature of a chat: whoever says /roll in a group with `dice` in it is answered with a number, a second later. */
import { Effect, Layer, Random, Stream } from "effect"
import { ClientId, ServerActor, UserId } from "switchboard"

const user = UserId.make("dice")

export const dice = Layer.effectDiscard(
  Effect.gen(function*() {
    const server = yield* ServerActor
    yield* server.events.pipe(
      Stream.runForEach((event) => {
        if (event._tag !== "Accepted" || event.entry.kind !== "text" || event.entry.text !== "/roll") return Effect.void
        const { conversation, entry } = event
        return Effect.gen(function*() {
          yield* Effect.sleep("1 second")
          const text = String(yield* Random.nextIntBetween(1, 6))
          yield* server.send({ sender: user, conversation, text, id: ClientId.make(`of-${entry.message_id}`) })
        }).pipe(
          Effect.catch(({ message }) => Effect.logWarning(message)),
          Effect.forkScoped
        )
      }),
      Effect.forkScoped({ startImmediately: true })
    )
  })
)
