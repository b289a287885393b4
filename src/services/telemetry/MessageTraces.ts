/** Which messages are traced, and how: off, unless there is a tracer that wants them. */
import { Clock, Context, Effect, Layer, Option, Tracer } from "effect"
import type { ClientFrame } from "../../domain/ClientFrame.ts"
import { isChatCommand, isGroupCommand } from "../../domain/entries/index.ts"
import type { Decoded } from "../../domain/FrameCodec.ts"
import type { UserId } from "../../domain/Ids.ts"
import { UserNames } from "../UserNames.ts"
import { MessageTrace, type Spans, startDelivery, type Traced } from "./MessageTrace.ts"
import { chooses, everything, type Sampler } from "./Sampler.ts"
import { spanAt } from "./traceContext.ts"
import { nextTraceId } from "./traceIds.ts"

/** Nobody's span: whoever is its child begins the trace of this id, as OTLP writes it. */
export const beginningOf = (traceId: string): Tracer.ExternalSpan =>
  Tracer.externalSpan({ traceId, spanId: "", sampled: true })

/** A client's frame that has a trace. */
export type TracedFrame = Extract<Decoded, { readonly _tag: "Frame" }> & { readonly trace: MessageTrace }

export interface MessageTracing {
  /** A frame that has just been read, with its trace. `undefined` where it is no message, or is not sampled. */
  readonly read: (user: UserId, decoded: Decoded) => TracedFrame | undefined
  /** Of what the app says within a span of its own, which decides. */
  readonly within: (parent: Tracer.AnySpan, user: UserId, frame: ClientFrame) => MessageTrace | undefined
  /** Of what a client asks for: a trace of its own, which the tracer samples. */
  readonly asked: <A, E, R>(user: UserId, frame: ClientFrame, answer: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** Of a message that another server has committed. */
  readonly elsewhere: (traceparent: string) => Traced | undefined
}

/** `undefined` where nobody traces. Provided by `layer`. */
export const MessageTraces = Context.Reference<MessageTracing | undefined>(
  "switchboard/services/telemetry/MessageTraces",
  { defaultValue: () => undefined }
)

/** Of what is said within the span of the effect that runs, if there is one that is sampled. */
export const traceWithin = (
  traces: MessageTracing | undefined,
  user: UserId,
  frame: ClientFrame
): Effect.Effect<MessageTrace | undefined> =>
  traces === undefined ? Effect.undefined : Effect.match(Effect.currentSpan, {
    onFailure: () => undefined,
    onSuccess: (span) => traces.within(span, user, frame)
  })

export interface MessageTracesOptions {
  /** Of messages that clients send: all of them, by default. What the app sends is sampled as its own span is. */
  readonly sampler?: Sampler
}

const make = Effect.fnUntraced(function*(sampler: Sampler) {
  const clock = yield* Clock.Clock
  const nameOf = yield* UserNames
  const spans: Spans = { tracer: yield* Effect.tracer, now: () => clock.currentTimeNanosUnsafe() }
  const isChosen = (fraction: number) => chooses(sampler, fraction)

  const start = (parent: Tracer.AnySpan, user: UserId, frame: ClientFrame): MessageTrace => {
    const root = spans.tracer.span({
      name: "message",
      parent: Option.some(parent),
      annotations: Context.empty(),
      links: [],
      startTime: spans.now(),
      kind: "server",
      root: parent.spanId === "",
      sampled: true
    })
    root.attribute("switchboard.user", nameOf(user))
    root.attribute("switchboard.command", frame.type)
    return new MessageTrace(spans, root, isGroupCommand(frame))
  }

  const tracing: MessageTracing = {
    read: (user, decoded) => {
      if (decoded._tag === "Invalid") return undefined
      const { frame } = decoded
      if (!isChatCommand(frame) && !isGroupCommand(frame)) return undefined
      const traceId = nextTraceId(isChosen)
      return traceId === undefined ? undefined : { ...decoded, trace: start(beginningOf(traceId), user, frame) }
    },
    within: (parent, user, frame) => parent.sampled ? start(parent, user, frame) : undefined,
    asked: (user, frame, answer) =>
      Effect.withSpan(answer, frame.type, {
        kind: "server",
        root: true,
        attributes: { "switchboard.user": nameOf(user) }
      }),
    elsewhere: (traceparent) => {
      const parent = spanAt(traceparent)
      return parent === undefined ? undefined : {
        deliver: (node) => startDelivery(spans, parent, { kind: "consumer", node })
      }
    }
  }
  return tracing
})

/**
 * Traces messages with the `Tracer` that is there, one trace for each that is sampled: from its frame to its last delivery,
 * on all servers that have this Layer. Beneath `Switchboard.layer` and `ClusterNode.layer`.
 */
export const layer = ({ sampler = everything }: MessageTracesOptions = {}): Layer.Layer<never> =>
  Layer.effect(MessageTraces, make(sampler))
