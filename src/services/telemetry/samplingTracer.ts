/** A tracer that makes the spans of another one, and decides which of them are told. */
import { Cause, Exit, Option, Tracer } from "effect"
import { HttpServerError } from "effect/http"
import { type Sampler, samples } from "./Sampler.ts"

type SpanOptions = Parameters<Tracer.Tracer["span"]>[0]

/** Traces are of what somebody asks for. What the server does by itself, and each of its statements, is none. */
const isAsked = ({ kind }: SpanOptions): boolean => kind === "server" || kind === "consumer"

const isSampledIn = (parent: Tracer.AnySpan, sampler: Sampler, options: SpanOptions): boolean => {
  if (parent._tag === "Span") return options.sampled
  // Where its caller's is not sampled, `options` say so by themselves.
  return (options.sampled || !parent.sampled) && samples(sampler, parent.traceId, parent.sampled)
}

/** They name users, who may be redacted; `http.route` says what was asked. */
const ofUrls = new Set(["url.full", "url.path", "url.query"])

/** The span of an HTTP request without the request's path, and with the route's. */
const ofRequest = (span: Tracer.Span): Tracer.Span => {
  const attribute = span.attribute.bind(span)
  const end = span.end.bind(span)
  return Object.assign(span, {
    attribute: (key: string, value: unknown) => {
      if (key === "http.route") Object.assign(span, { name: `${span.name} ${String(value)}` })
      if (!ofUrls.has(key)) attribute(key, value)
    },
    end: (endTime: bigint, exit: Exit.Exit<unknown, unknown>) => {
      const isAnswered = Exit.isFailure(exit) && HttpServerError.isHttpServerError(Cause.squash(exit.cause))
      end(endTime, isAnswered ? Exit.fail("The request was answered with an error.") : exit)
    }
  })
}

export const sampling = (tracer: Tracer.Tracer, sampler: Sampler): Tracer.Tracer =>
  Tracer.make({
    ...tracer,
    span: (options) => {
      const parent = Option.getOrUndefined(options.parent)
      const wanted = parent === undefined ? options.sampled && isAsked(options) : isSampledIn(parent, sampler, options)
      const first = tracer.span({ ...options, sampled: wanted })
      // The id of a trace that begins is the span's.
      const isLost = wanted && parent === undefined && !samples(sampler, first.traceId, undefined)
      const span = isLost ? tracer.span({ ...options, sampled: false }) : first
      // A message has no URL.
      return span.sampled && options.kind === "server" && options.name !== "message" ? ofRequest(span) : span
    }
  })
