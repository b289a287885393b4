/** A tracer that keeps its spans, ended or not. */
import { Effect, Option, Tracer } from "effect"
import * as MessageTraces from "../../src/services/telemetry/MessageTraces.ts"

export class RecordingTracer {
  readonly spans: Array<Tracer.NativeSpan> = []

  readonly tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      this.spans.push(span)
      return span
    }
  })

  named(name: string): ReadonlyArray<Tracer.NativeSpan> {
    return this.spans.filter((span) => span.name === name)
  }

  /** Of messages that have begun and not ended. */
  get open(): ReadonlyArray<string> {
    return this.spans.filter(({ name, status }) => name.startsWith("message") && status._tag === "Started").map((
      { name }
    ) => name)
  }

  /** The names of the spans below this one, in the order in which they began. */
  below(parent: Tracer.AnySpan): Array<string> {
    return this.spans.filter((span) => Option.getOrUndefined(span.parent)?.spanId === parent.spanId).map(({ name }) =>
      name
    )
  }

  /** For servers whose messages are traced by this one. */
  readonly traced = <A, E, R>(effect: Effect.Effect<A, E, R>, options?: MessageTraces.MessageTracesOptions) =>
    effect.pipe(
      Effect.provide(MessageTraces.layer(options)),
      Effect.provideService(Tracer.Tracer, this.tracer)
    )
}

export const eventsOf = (span: Tracer.NativeSpan): ReadonlyArray<string> => span.events.map(([name]) => name)
