import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Option, Tracer } from "effect"
import { HttpServerError, HttpServerRequest, HttpServerResponse } from "effect/http"
import { type Sampler, samples } from "../../../src/services/telemetry/Sampler.ts"
import { sampling } from "../../../src/services/telemetry/samplingTracer.ts"
import { RecordingTracer } from "../../support/RecordingTracer.ts"

const all: Sampler = { ratio: 1, parentBased: true }
const none: Sampler = { ratio: 0, parentBased: true }

const traced = Effect.fnUntraced(function*<A, E, R>(sampler: Sampler, effect: Effect.Effect<A, E, R>) {
  const recording = new RecordingTracer()
  yield* Effect.provideService(effect, Tracer.Tracer, sampling(recording.tracer, sampler))
  return recording.spans
})

const caller = (sampled: boolean) =>
  Tracer.externalSpan({ traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7", sampled })

const family = Effect.void.pipe(Effect.withSpan("child"), Effect.withSpan("root", { kind: "server" }))

describe("sampling", () => {
  it.effect("decides at the root, for the whole trace", () =>
    Effect.gen(function*() {
      for (const [sampler, sampled] of [[all, true], [none, false]] as const) {
        const [child, root] = (yield* traced(sampler, family)).toReversed()
        assert.deepStrictEqual([root!.sampled, child!.sampled], [sampled, sampled])
        assert.strictEqual(root!.traceId, child!.traceId)
        assert.isTrue(Option.isNone(root!.parent))
        assert.strictEqual(Option.getOrThrow(child!.parent).spanId, root!.spanId)
      }
    }))

  it.effect("takes as many as it is told to, by the ids that they have", () =>
    Effect.gen(function*() {
      const half: Sampler = { ratio: 0.5, parentBased: true }
      const spans = yield* traced(
        half,
        Effect.repeat(Effect.withSpan(Effect.void, "root", { kind: "server" }), { times: 999 })
      )
      const sampled = spans.filter((span) => span.sampled && samples(half, span.traceId, undefined))
      assert.isAbove(sampled.length, 350)
      assert.isBelow(sampled.length, 650)
    }))

  it.effect("goes on with its caller's trace as the caller samples it, or as the id says", () =>
    Effect.gen(function*() {
      const within = (parent: Tracer.AnySpan) => Effect.withParentSpan(family, parent)
      const sampledBy = Effect.fnUntraced(function*(sampler: Sampler, parent: boolean) {
        const spans = yield* traced(sampler, within(caller(parent)))
        for (const { traceId } of spans) assert.strictEqual(traceId, caller(true).traceId)
        return spans.map(({ sampled }) => sampled)
      })
      assert.deepStrictEqual(yield* sampledBy(none, true), [true, true])
      assert.deepStrictEqual(yield* sampledBy(all, false), [false, false])
      assert.deepStrictEqual(yield* sampledBy({ ratio: 0, parentBased: false }, true), [false, false])
      assert.deepStrictEqual(yield* sampledBy({ ratio: 1, parentBased: false }, false), [true, true])
    }))

  it.effect("what the server does by itself begins no trace, and what it does for somebody is in theirs", () =>
    Effect.gen(function*() {
      const statement = Effect.withSpan(Effect.void, "postgres", { kind: "client" })
      const look = Effect.withSpan(statement, "Journal.since")
      const alone = yield* traced(all, Effect.andThen(statement, look))
      assert.deepStrictEqual(alone.map(({ sampled }) => sampled), [false, false, false])
      const asked = yield* traced(all, Effect.withSpan(look, "history", { kind: "server" }))
      assert.deepStrictEqual(asked.map(({ sampled }) => sampled), [true, true, true])
    }))

  it("a request is named by its route and not by its path, which may name a user", () => {
    const recording = new RecordingTracer()
    const start = () =>
      sampling(recording.tracer, all).span({
        name: "GET",
        kind: "server",
        parent: Option.none(),
        annotations: caller(true).annotations,
        links: [],
        startTime: 0n,
        root: true,
        sampled: true
      })
    const span = start()
    span.attribute("http.route", "/v1/admin/users/:user")
    span.attribute("url.full", "http://localhost/v1/admin/users/alice?x=1")
    span.attribute("url.path", "/v1/admin/users/alice")
    span.attribute("url.query", "x=1")
    span.attribute("http.response.status_code", 500)
    const request = HttpServerRequest.fromWeb(new Request("http://localhost/v1/admin/users/alice"))
    const response = HttpServerResponse.empty({ status: 500 })
    const reason = new HttpServerError.ResponseError({ request, response })
    span.end(1n, Exit.fail(new HttpServerError.HttpServerError({ reason })))
    assert.strictEqual(span.name, "GET /v1/admin/users/:user")
    assert.deepStrictEqual(Array.from(span.attributes.keys()), ["http.route", "http.response.status_code"])
    assert.strictEqual(span.status._tag, "Ended")
    assert.notInclude(JSON.stringify(span.status, (_, value) => typeof value === "bigint" ? 0 : value), "alice")
    const other = start()
    const mistake = Exit.die("a mistake")
    other.end(1n, mistake)
    assert.isTrue(other.status._tag === "Ended" && other.status.exit === mistake)
  })
})
