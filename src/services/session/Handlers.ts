/** How a feature answers what clients ask of it: a function for each frame. */
import type { Effect } from "effect"
import type { ChatError } from "../../domain/Errors.ts"
import type { Answer, RequestOf, RequestType } from "../../domain/frames/index.ts"
import type { StoreError } from "../storage/MessageStore.ts"
import type { Session } from "./Session.ts"

/** Whoever asks, as far as answers depend on it. */
export type Asker = Pick<Session, "user" | "device" | "session" | "hasBlocked" | "settleCursors">

export type Handler<Type extends RequestType> = (
  frame: RequestOf<Type>,
  asker: Asker
) => Effect.Effect<Answer<Type>, ChatError | StoreError>

export type Handlers<Type extends RequestType> = { readonly [T in Type]: Handler<T> }
