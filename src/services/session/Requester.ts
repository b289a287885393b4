/** Who asked for something, and learns what became of it. */
import { Effect } from "effect"
import type { ChatError } from "../../domain/Errors.ts"
import type { SessionId } from "../../domain/Ids.ts"
import type { MessageAccepted } from "../../domain/ServerFrame.ts"
import { ask, type Handled } from "../kernel/Mailbox.ts"
import type { MessageTrace } from "../telemetry/MessageTrace.ts"

/** Who asked for something to be kept, and learns what became of it. No function may wait or throw. */
export interface Requester {
  readonly accepted: (frame: MessageAccepted) => void
  readonly rejected: (id: string | undefined, error: ChatError) => void
  /** One of its requests is done with, whatever it came to. */
  readonly settled: () => void
  /** What it asked for has cost more than its frame. */
  readonly charge?: (cost: number) => void
  /** The batch that told it things has ended. */
  readonly flush: () => void
  /** The connection that asked, if it was one. */
  readonly session?: SessionId
  /** Of what it asked for, where that is traced. */
  readonly trace?: MessageTrace
}

/** Asks in the name of no connection, and waits for the answer; so what is asked for needs an id. */
export const askToKeep = (tell: (requester: Requester) => Handled): Effect.Effect<MessageAccepted, ChatError> =>
  ask((answer) =>
    tell({
      accepted: (frame) => answer(Effect.succeed(frame)),
      rejected: (_, error) => answer(Effect.fail(error)),
      settled: () => {},
      flush: () => {}
    })
  )
