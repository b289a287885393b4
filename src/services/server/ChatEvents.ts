/** What happens in the chat, as a stream for the app around it. Losing some is allowed; waiting for a listener is not. */
import { Context, Effect, Layer, PubSub, Stream } from "effect"
import type { Entry } from "../../domain/Entry.ts"
import type { ConversationId, DeviceId, SessionId, UserId } from "../../domain/Ids.ts"

export type ChatEvent =
  | {
    readonly _tag: "Connected" | "Disconnected"
    readonly user: UserId
    readonly device: DeviceId
    readonly session: SessionId
  }
  /** An entry was committed to a conversation's log. */
  | { readonly _tag: "Accepted"; readonly conversation: ConversationId; readonly entry: Entry }

/** A listener that is this many events behind loses the oldest. */
const capacity = 4_096

export class ChatEvents extends Context.Service<ChatEvents, {
  /** The event is made only when somebody listens: this is asked once per message. */
  readonly publish: (event: () => ChatEvent) => void
  /** Everything from the moment the stream is run. */
  readonly stream: Stream.Stream<ChatEvent>
}>()("switchboard/services/server/ChatEvents") {
  static readonly layer = Layer.effect(
    ChatEvents,
    Effect.gen(function*() {
      const events = yield* Effect.acquireRelease(PubSub.sliding<ChatEvent>(capacity), PubSub.shutdown)
      let listeners = 0
      return ChatEvents.of({
        publish: (event) => {
          if (listeners > 0) PubSub.publishUnsafe(events, event())
        },
        stream: Stream.unwrap(
          Effect.map(
            Effect.acquireRelease(
              Effect.sync(() => {
                listeners++
              }),
              () =>
                Effect.sync(() => {
                  listeners--
                })
            ),
            () => Stream.fromPubSub(events)
          )
        )
      })
    })
  )
}
