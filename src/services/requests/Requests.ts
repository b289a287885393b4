/** What clients ask that has one answer: to each frame the feature that knows it. */
import { Effect, Layer } from "effect"
import * as Errors from "../../domain/Errors.ts"
import type { ChatError } from "../../domain/Errors.ts"
import type { Answer, Request, RequestType } from "../../domain/frames/index.ts"
import { moderationHandlers } from "../moderation/handlers.ts"
import { peopleHandlers } from "../people/handlers.ts"
import { preferenceHandlers } from "../preferences/handlers.ts"
import { pushHandlers } from "../push/handlers.ts"
import { EncodedFrame } from "../session/EncodedFrame.ts"
import type { Asker, Handlers } from "../session/Handlers.ts"
import { Requests } from "../session/Requests.ts"
import type { StoreError } from "../storage/MessageStore.ts"

/** Seen from outside, each takes the frames of all; the compiler cannot know that the key and the frame agree. */
type AnyHandler = (frame: Request, asker: Asker) => Effect.Effect<Answer<RequestType>, ChatError | StoreError>

export const layer = Layer.effect(
  Requests,
  Effect.gen(function*() {
    const handlers: Handlers<RequestType> = {
      ...(yield* peopleHandlers),
      ...(yield* preferenceHandlers),
      ...(yield* pushHandlers),
      ...(yield* moderationHandlers)
    }
    return Requests.of({
      answer: (frame, asker, refused) =>
        (handlers[frame.type] as AnyHandler)(frame, asker).pipe(
          Effect.map((answer) => new EncodedFrame(frame.id === undefined ? answer : { ...answer, id: frame.id })),
          Effect.catchTags({
            ChatError: (error) => Effect.sync(() => refused(frame.id, error)),
            StoreError: () => Effect.sync(() => refused(frame.id, Errors.storeSilent()))
          })
        )
    })
  })
)
