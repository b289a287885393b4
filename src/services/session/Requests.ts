/** What clients ask that has one answer, as their connections see it; `requests` has it done by the features that know it. */
import { Context, type Effect } from "effect"
import type { ChatError } from "../../domain/Errors.ts"
import type { Request } from "../../domain/frames/index.ts"
import type { EncodedFrame } from "./EncodedFrame.ts"
import type { Asker } from "./Handlers.ts"

export class Requests extends Context.Service<Requests, {
  /** The answer, or an `error` frame of `refused`. Never fails. */
  answer(
    frame: Request,
    asker: Asker,
    refused: (id: Request["id"], error: ChatError) => EncodedFrame
  ): Effect.Effect<EncodedFrame>
}>()("switchboard/services/session/Requests") {}
