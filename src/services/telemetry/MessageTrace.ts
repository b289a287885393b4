/**
 * The trace of one message that is sampled: few spans, however many hear it. Most messages have none, which costs a look
 * at a field. Spans carry ids and numbers, never texts or credentials.
 */
import { Context, Exit, Option, type Tracer } from "effect"
import type { ChatError } from "../../domain/Errors.ts"
import { noteOf, traceparentOf } from "./traceContext.ts"

/** How spans are made. */
export interface Spans {
  readonly tracer: Tracer.Tracer
  /** The wall clock, in nanoseconds. */
  readonly now: () => bigint
}

interface SpanStart {
  readonly name: string
  readonly parent: Tracer.AnySpan
  readonly startTime: bigint
  readonly kind?: Tracer.SpanKind
}

export const startSpan = (
  { tracer }: Spans,
  { kind = "internal", name, parent, startTime }: SpanStart
): Tracer.Span =>
  tracer.span({
    name,
    parent: Option.some(parent),
    annotations: Context.empty(),
    links: [],
    startTime,
    kind,
    root: false,
    sampled: true
  })

/** The delivery of one message to everybody who is connected to one server: one span, whatever their number. */
export class DeliveryTrace {
  readonly #spans: Spans
  readonly #span: Tracer.Span
  readonly #ended: (at: bigint) => void

  constructor(spans: Spans, span: Tracer.Span, ended: (at: bigint) => void) {
    this.#spans = spans
    this.#span = span
    this.#ended = ended
  }

  /** So many connections have it in their send queues. */
  fannedOut(connections: number): void {
    this.#span.attribute("switchboard.connections", connections)
    this.#span.event("fanned_out", this.#spans.now())
  }

  /** The send queues are written. */
  end(): void {
    const at = this.#spans.now()
    this.#span.end(at, Exit.void)
    this.#ended(at)
  }
}

/** What a delivery belongs to; `node` names this server where it is one of several. */
export interface Traced {
  readonly deliver: (node: string | undefined) => DeliveryTrace
}

export const startDelivery = (
  spans: Spans,
  parent: Tracer.AnySpan,
  { ended = () => {}, kind, node }: {
    readonly node: string | undefined
    readonly kind: Tracer.SpanKind
    readonly ended?: (at: bigint) => void
  }
): DeliveryTrace => {
  const span = startSpan(spans, { name: "message.deliver", parent, startTime: spans.now(), kind })
  if (node !== undefined) span.attribute("switchboard.node", node)
  return new DeliveryTrace(spans, span, ended)
}

/** What went wrong on the server's side; everything else is its sender's, and no error of the trace. */
const isFault = ({ code }: ChatError): boolean => code === "unavailable" || code === "overloaded"

/** From the frame that was read to its last delivery here. */
export class MessageTrace implements Traced {
  readonly #spans: Spans
  readonly #root: Tracer.Span
  /** What it waits for at the moment. */
  #stage: Tracer.Span | undefined
  /** It is committed, or about to be, and those whom it concerns have to hear of it. */
  #isUnderWay = false
  /** Its answer comes apart from its delivery. */
  #owesAnswer: boolean

  constructor(spans: Spans, root: Tracer.Span, owesAnswer: boolean) {
    this.#spans = spans
    this.#root = root
    this.#owesAnswer = owesAnswer
    this.#stage = this.#start("message.queue", root.status.startTime)
  }

  /** As other servers are told of it. */
  get traceparent(): string {
    return traceparentOf(this.#root)
  }

  /** A commit has taken it. */
  committing(at: bigint): Tracer.Span {
    this.#stage?.end(at, Exit.void)
    this.#isUnderWay = true
    return this.#stage = this.#start("message.commit", at)
  }

  /** The store has answered; `seq` is of what is new. */
  committed(at: bigint, exit: Exit.Exit<void, unknown>, seq?: number): void {
    this.#stage?.end(at, exit)
    this.#stage = undefined
    if (seq === undefined) this.#isUnderWay = false
    else this.#root.attribute("switchboard.seq", seq)
  }

  /** Its sender's send queue has the answer. */
  accepted(isDuplicate: boolean): void {
    this.#root.event("accepted", this.#spans.now())
    if (isDuplicate) this.#root.attribute("switchboard.duplicate", true)
  }

  /** Its sender has been written what there was to tell; whoever gave it no id is told nothing. */
  told(): void {
    this.#endIfDone()
  }

  /** Its sender was told why not. */
  refused(error: ChatError): void {
    const at = this.#spans.now()
    const exit = isFault(error) ? Exit.fail(error) : Exit.void
    this.#root.attribute("error.type", error.code)
    this.#stage?.end(at, exit)
    this.#root.end(at, exit)
  }

  /** Its sender's send queue has the answer that was owed. */
  answered(): void {
    this.#root.event("answered", this.#spans.now())
    this.#owesAnswer = false
  }

  deliver(node: string | undefined): DeliveryTrace {
    return startDelivery(this.#spans, this.#root, {
      kind: "internal",
      node,
      ended: (at) => {
        this.#isUnderWay = false
        this.#endIfDone(at)
      }
    })
  }

  #start(name: string, startTime: bigint): Tracer.Span {
    return startSpan(this.#spans, { name, parent: this.#root, startTime })
  }

  #endIfDone(at = this.#spans.now()): void {
    if (this.#isUnderWay || this.#owesAnswer) return
    this.#stage?.end(at, Exit.void)
    this.#root.end(at, Exit.void)
  }

  /** For those who have the root's clock in common. */
  now(): bigint {
    return this.#spans.now()
  }
}

/** Of one append of a commit, as far as a trace is concerned. */
interface TracedRequest {
  readonly append: { readonly messageId: string }
  readonly requester: { readonly trace?: MessageTrace | undefined }
}

type Result =
  | { readonly _tag: "Accepted"; readonly seq: number; readonly duplicate: boolean }
  | { readonly _tag: "Rejected" }

/** One commit, in the traces of all its messages that have one. */
export class CommitTrace {
  readonly #requests: ReadonlyArray<TracedRequest>

  private constructor(requests: ReadonlyArray<TracedRequest>, cursors: number) {
    this.#requests = requests
    let at: bigint | undefined
    for (const { append, requester: { trace } } of requests) {
      if (trace === undefined) continue
      const span = trace.committing(at ??= trace.now())
      span.attribute("switchboard.message_id", append.messageId)
      span.attribute("switchboard.commit.messages", requests.length)
      span.attribute("switchboard.commit.cursors", cursors)
    }
  }

  /** `undefined` where none of them has a trace. */
  static of(requests: ReadonlyArray<TracedRequest>, cursors: number): CommitTrace | undefined {
    return requests.some(({ requester }) => requester.trace !== undefined)
      ? new CommitTrace(requests, cursors)
      : undefined
  }

  /** For the other servers. */
  get note(): unknown {
    return noteOf(
      this.#requests.flatMap(({ append, requester: { trace } }) =>
        trace === undefined ? [] : [[append.messageId, trace.traceparent] as const]
      )
    )
  }

  succeeded(results: ReadonlyArray<Result>): void {
    this.#end(Exit.void, results)
  }

  failed(error: unknown): void {
    this.#end(Exit.fail(error), [])
  }

  #end(exit: Exit.Exit<void, unknown>, results: ReadonlyArray<Result>): void {
    let at: bigint | undefined
    for (const [i, { requester: { trace } }] of this.#requests.entries()) {
      if (trace === undefined) continue
      const result = results[i]
      const isNew = result?._tag === "Accepted" && !result.duplicate
      trace.committed(at ??= trace.now(), exit, isNew ? result.seq : undefined)
    }
  }
}
