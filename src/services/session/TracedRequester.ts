/** Who asked for something whose message is traced: what they are told is told to the trace, too. */
import type { ChatError } from "../../domain/Errors.ts"
import type { SessionId } from "../../domain/Ids.ts"
import type { MessageAccepted } from "../../domain/ServerFrame.ts"
import type { MessageTrace } from "../telemetry/MessageTrace.ts"
import type { EncodedFrame } from "./EncodedFrame.ts"
import type { Requester } from "./Requester.ts"

export class TracedRequester implements Requester {
  readonly #requester: Requester
  readonly trace: MessageTrace
  readonly session?: SessionId

  constructor(requester: Requester, trace: MessageTrace) {
    this.#requester = requester
    this.trace = trace
    if (requester.session !== undefined) this.session = requester.session
  }

  accepted(frame: MessageAccepted): void {
    this.#requester.accepted(frame)
    this.trace.accepted(frame.duplicate === true)
  }

  rejected(id: string | undefined, error: ChatError): void {
    this.#requester.rejected(id, error)
    this.trace.refused(error)
  }

  charge(cost: number): void {
    this.#requester.charge?.(cost)
  }

  settled(): void {
    this.#requester.settled()
  }

  flush(): void {
    this.#requester.flush()
    this.trace.told()
  }
}

/** As it is, where there is no trace. */
export const traced = (requester: Requester, trace: MessageTrace | undefined): Requester =>
  trace === undefined ? requester : new TracedRequester(requester, trace)

interface Answerable extends Requester {
  readonly answer: (frame: EncodedFrame) => void
}

/** One who may be answered with a frame. */
export class TracedAsker extends TracedRequester implements Answerable {
  readonly #asker: Answerable

  constructor(asker: Answerable, trace: MessageTrace) {
    super(asker, trace)
    this.#asker = asker
  }

  answer(frame: EncodedFrame): void {
    this.#asker.answer(frame)
    this.trace.answered()
  }
}
