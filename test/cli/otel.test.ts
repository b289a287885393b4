/** What a receiver of OpenTelemetry is told by `switchboard serve`, and what it cannot do to the chat. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { eventually } from "../support/eventually.ts"
import { type Answer, type OtlpReceiver, type ReceivedSpan, startReceiver } from "../support/OtlpReceiver.ts"
import { freshDatabase, hasPostgres } from "../support/postgres.ts"
import { refuses, startServer } from "../support/ServerProcess.ts"
import { connect, type TestClient } from "../support/TestClient.ts"

const adminToken = "the token of these tests"
const memory = ["--store", "memory", "--no-web", "--log-format", "json", "--admin-token", adminToken]

const soon = { OTEL_BSP_SCHEDULE_DELAY: "50", OTEL_BLRP_SCHEDULE_DELAY: "50", OTEL_METRIC_EXPORT_INTERVAL: "50" }

const toldTo = ({ url }: OtlpReceiver, more: Record<string, string> = {}) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
  ...soon,
  ...more
})

const chat = (id: string, recipient = "bob") => ({ type: "chat_message", id, recipient, text: "a secret text" })

/** Says something and waits until the other one has it. */
const say = Effect.fnUntraced(function*(from: TestClient, to: TestClient, id: string) {
  const { message_id } = yield* from.ask(chat(id, to.user), "message_accepted")
  yield* to.waitFor("incoming_message", (frame) => frame.message_id === message_id)
})

const two = Effect.fnUntraced(function*(port: number) {
  const alice = yield* connect({ port, user: "alice", level: "v1" })
  return { alice, bob: yield* connect({ port, user: "bob", level: "v1" }) }
})

const ask = (port: number, path: string, headers: Record<string, string> = {}) =>
  Effect.promise(() => fetch(`http://127.0.0.1:${port}${path}`, { headers }).then((answer) => answer.status))

const bearer = { authorization: `Bearer ${adminToken}` }

/** Every span belongs to one that has ended and been told: none waits for a connection or for the server to end. */
const areWhole = (spans: ReadonlyArray<ReceivedSpan>, elsewhere: ReadonlyArray<string> = []) => {
  const known = new Set([...spans.map(({ spanId }) => spanId), "", ...elsewhere])
  assert.deepStrictEqual(spans.filter(({ parentSpanId }) => !known.has(parentSpanId)), [])
  for (const { end, name, start } of spans) assert.isTrue(end >= start && end - start < 20_000_000_000n, name)
}

const childrenOf = ({ spanId }: ReceivedSpan, spans: ReadonlyArray<ReceivedSpan>) =>
  spans.filter(({ parentSpanId }) => parentSpanId === spanId).map(({ name }) => name)

const stages = ["message.queue", "message.commit", "message.deliver"]

describe("switchboard serve with OpenTelemetry", () => {
  for (const protocol of ["http/json", "http/protobuf"]) {
    it.live(
      `tells a receiver the trace of a message, while the connections stay open: ${protocol}`,
      () =>
        Effect.gen(function*() {
          const receiver = yield* startReceiver()
          const { port } = yield* startServer(
            memory,
            toldTo(receiver, {
              OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
              OTEL_EXPORTER_OTLP_COMPRESSION: protocol === "http/json" ? "none" : "gzip",
              OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=ours",
              OTEL_SERVICE_NAME: "the chat",
              OTEL_RESOURCE_ATTRIBUTES: "deployment.environment=test"
            })
          )
          const { alice, bob } = yield* two(port)
          yield* say(alice, bob, "m1")
          yield* say(bob, alice, "m2")
          const roots = yield* receiver.heard("message", 2)
          for (const root of roots) {
            assert.strictEqual(root.parentSpanId, "")
            assert.sameMembers(childrenOf(root, receiver.spans), stages)
            assert.strictEqual(root.kind, 2)
            assert.strictEqual(root.status, 1)
            assert.deepStrictEqual(root.events, ["accepted"])
            const { resource } = root
            assert.strictEqual(resource["service.name"], "the chat")
            assert.strictEqual(resource["deployment.environment"], "test")
            assert.match(String(resource["service.instance.id"]), /^[0-9a-f-]{36}$/)
            const trace = receiver.spans.filter(({ traceId }) => traceId === root.traceId)
            assert.lengthOf(trace, 4)
            for (const { end, start } of trace) assert.isTrue(root.start <= start && end <= root.end)
          }
          areWhole(receiver.spans)
          const json = JSON.stringify(receiver.spans, (_, value) => typeof value === "bigint" ? String(value) : value)
          assert.notInclude(json, "secret")
          for (const { headers } of receiver.requests) assert.strictEqual(headers["x-tenant"], "ours")
        }),
      120_000
    )
  }

  it.live(
    "requests are traced by their route, go on with their caller's trace, and log lines name it",
    () =>
      Effect.gen(function*() {
        const receiver = yield* startReceiver()
        const { output, port } = yield* startServer(memory, toldTo(receiver))
        const traceId = "4bf92f3577b34da6a3ce929d0e0e4736"
        const spanId = "00f067aa0ba902b7"
        const traceparent = `00-${traceId}-${spanId}-01`
        assert.strictEqual(yield* ask(port, "/health/ready"), 200)
        assert.strictEqual(yield* ask(port, "/v1/admin/bans?secret=1", { ...bearer, traceparent }), 200)
        assert.strictEqual(yield* ask(port, "/v1/admin/bans", { authorization: "Bearer wrong" }), 401)
        const [traced, refused] = yield* receiver.heard("GET /v1/admin/bans", 2)
        assert.deepStrictEqual([traced!.traceId, traced!.parentSpanId], [traceId, spanId])
        assert.strictEqual(refused!.parentSpanId, "")
        areWhole(receiver.spans, [spanId])
        assert.isEmpty(receiver.spans.filter(({ attributes }) => JSON.stringify(attributes).includes("health")))
        assert.notMatch(JSON.stringify([traced!.attributes, refused!.attributes]), /secret|Bearer|token/)
        yield* eventually(Effect.sync(() => receiver.logs.some(({ body }) => body === "Admin.refused")))
        const line = receiver.logs.find(({ body }) => body === "Admin.refused")!
        assert.strictEqual(line.traceId, refused!.traceId)
        assert.strictEqual(line.attributes["reason"], "wrong token")
        // As it is written by the logger, too.
        assert.include(output(), "Admin.refused")
        const metrics = () =>
          new Map<string, any>(
            receiver.metrics.at(-1)?.resourceMetrics[0].scopeMetrics[0].metrics.map((each: any) => [each.name, each])
          )
        yield* eventually(Effect.sync(() => metrics().has("switchboard_connections")))
        assert.isTrue(metrics().has("process_resident_memory_bytes"))
      }),
    120_000
  )

  it.live(
    "what the admin API says goes on with its caller's trace, and users are shown as log lines show them",
    () =>
      Effect.gen(function*() {
        const receiver = yield* startReceiver()
        const { port } = yield* startServer([...memory, "--redact-users"], toldTo(receiver))
        const bob = yield* connect({ port, user: "bob", level: "v1" })
        const traceId = "4bf92f3577b34da6a3ce929d0e0e4736"
        const headers = {
          ...bearer,
          "content-type": "application/json",
          traceparent: `00-${traceId}-00f067aa0ba902b7-01`
        }
        const call = (method: string, path: string, body?: object) =>
          Effect.promise(() =>
            fetch(`http://127.0.0.1:${port}/v1/admin/${path}`, {
              method,
              headers,
              ...(body === undefined ? undefined : { body: JSON.stringify(body) })
            }).then(({ status }) => status)
          )
        assert.strictEqual(
          yield* call("POST", "messages", { sender: "alice", recipient: "bob", text: "a secret text" }),
          200
        )
        yield* bob.waitFor("incoming_message")
        assert.strictEqual(yield* call("DELETE", "conversations/dm%3Aalice%3Abob/messages/1"), 204)
        yield* receiver.heard("message", 2)
        const [deleted] = yield* receiver.heard("DELETE /v1/admin/conversations/:conversation/messages/:seq")
        const [sent] = yield* receiver.heard("POST /v1/admin/messages")
        const names = receiver.spans.filter((span) => span.traceId === traceId).map(({ name }) => name)
        assert.includeMembers(names, ["MessageAdmin.send", "ServerActor.send", ...stages])
        assert.lengthOf(names.filter((name) => name === "message.deliver"), 2)
        assert.deepStrictEqual([deleted!.parentSpanId, sent!.parentSpanId], ["00f067aa0ba902b7", "00f067aa0ba902b7"])
        areWhole(receiver.spans, ["00f067aa0ba902b7"])
        const json = JSON.stringify(
          receiver.spans.map(({ attributes, events, name }) => ({ attributes, events, name }))
        )
        assert.notMatch(json, /alice|bob|secret/)
      }),
    120_000
  )

  it.live(
    "a ratio of 0 tells no message, and the traceparent of a connection is not its messages'",
    () =>
      Effect.gen(function*() {
        const receiver = yield* startReceiver()
        const sampler = { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0" }
        const { port } = yield* startServer(memory, toldTo(receiver, sampler))
        const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        const alice = yield* connect({ port, user: "alice", level: "v1", headers: { traceparent } })
        const bob = yield* connect({ port, user: "bob", level: "v1", headers: { traceparent } })
        for (let i = 0; i < 20; i++) yield* say(alice, bob, `m${i}`)
        yield* ask(port, "/v1/admin/bans", bearer)
        yield* ask(port, "/v1/admin/bans", { ...bearer, traceparent })
        yield* receiver.heard("GET /v1/admin/bans")
        assert.deepStrictEqual(receiver.spans.map(({ name }) => name), ["GET /v1/admin/bans"])
      }),
    120_000
  )

  it.live("only what has an endpoint is told", () =>
    Effect.gen(function*() {
      const receiver = yield* startReceiver()
      const { port } = yield* startServer(memory, {
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/here/traces`,
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
        ...soon
      })
      const { alice, bob } = yield* two(port)
      yield* say(alice, bob, "m1")
      yield* receiver.heard("message")
      assert.deepStrictEqual(Array.from(new Set(receiver.requests.map(({ url }) => url))), ["/here/traces"])
    }), 120_000)

  it.live("a bad value is one sentence", () =>
    Effect.gen(function*() {
      const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" }
      yield* refuses(
        ["serve", ...memory],
        /^OTEL_TRACES_SAMPLER=sometimes will not do; give it one of always_on, [^\n]+\.\n$/,
        { ...endpoint, OTEL_TRACES_SAMPLER: "sometimes" }
      )
      yield* refuses(
        ["serve", ...memory],
        /^OTEL_EXPORTER_OTLP_ENDPOINT=nowhere will not do; give it an address[^\n]+\n$/,
        {
          OTEL_EXPORTER_OTLP_ENDPOINT: "nowhere"
        }
      )
    }), 120_000)

  it.live.skipIf(!hasPostgres)(
    "two servers on one Postgres tell one trace, each its own part",
    () =>
      Effect.gen(function*() {
        const receiver = yield* startReceiver()
        const database = yield* freshDatabase(`otel_${process.pid}`)
        const args = ["--store", "postgres", "--database-url", database, "--no-web", "--log-format", "json"]
        const a = yield* startServer(args, toldTo(receiver, { OTEL_SERVICE_NAME: "a" }))
        const b = yield* startServer(args, toldTo(receiver, { OTEL_SERVICE_NAME: "b" }))
        // One that tells nobody anything.
        const c = yield* startServer(args)
        const alice = yield* connect({ port: a.port, user: "alice", level: "v1" })
        const bob = yield* connect({ port: b.port, user: "bob", level: "v1" })
        const also = yield* connect({ port: c.port, user: "bob", level: "v1" })
        yield* alice.ask(chat("m1"), "message_accepted")
        yield* bob.waitFor("incoming_message")
        yield* also.waitFor("incoming_message")
        yield* receiver.heard("message.deliver", 2)
        const [root] = yield* receiver.heard("message")
        const spans = receiver.spans.filter(({ traceId }) => traceId === root!.traceId)
        const parts = spans.map(({ name, resource }) => `${String(resource["service.name"])} ${name}`)
        assert.sameMembers(parts, ["a message", ...stages.map((name) => `a ${name}`), "b message.deliver"])
        const there = spans.find(({ resource }) => resource["service.name"] === "b")!
        assert.strictEqual(there.parentSpanId, root!.spanId)
        assert.strictEqual(there.attributes["switchboard.connections"], 1)
        areWhole(receiver.spans)
        // What the servers do by themselves is told to nobody.
        assert.isEmpty(receiver.spans.map(({ name }) => name).filter((name) => !name.startsWith("message")))
      }),
    120_000
  )
})

const never: Answer = () => {}

/** Text without an end. */
const babble: Answer = (request, response) => {
  response.writeHead(request.url!.endsWith("/traces") ? 200 : 500, { "content-type": "application/json" })
  const more = () => {
    while (!response.destroyed && response.write("garbage ".repeat(8_192))) { /* As much as is taken. */ }
  }
  response.on("drain", more)
  more()
}

const redirect: Answer = ({ url }, response) => response.writeHead(307, { location: `${url}/again` }).end()

describe("a receiver of OpenTelemetry that", () => {
  const cases: ReadonlyArray<readonly [string, Answer | "dead"]> = [
    ["is not there", "dead"],
    ["takes everything and never answers", never],
    ["answers errors, and does not stop talking", babble],
    ["sends elsewhere", redirect]
  ]
  for (const [name, answer] of cases) {
    it.live(`${name} hurts neither the chat nor its stop`, () =>
      Effect.gen(function*() {
        const receiver = yield* startReceiver(answer === "dead" ? undefined : answer)
        const timeout = { OTEL_EXPORTER_OTLP_TIMEOUT: "300" }
        const env = toldTo(answer === "dead" ? { ...receiver, url: "http://127.0.0.1:9" } : receiver, timeout)
        const server = yield* startServer(
          [...memory, "--max-messages-per-second=0", "--max-messages-per-second-per-user=0"],
          env
        )
        const { alice, bob } = yield* two(server.port)
        const lines = (signal: string) =>
          server.output().split("\n").filter((line) => line.includes("Otlp.failed") && line.includes(`"${signal}"`))
        for (let i = 0; i < 3; i++) yield* say(alice, bob, `first${i}`)
        if (answer !== babble) yield* eventually(Effect.sync(() => lines("traces").length > 0))
        yield* eventually(Effect.sync(() => lines("metrics").length > 0))
        for (let i = 0; i < 3_000; i++) alice.send(chat(`m${i}`))
        yield* bob.waitFor("incoming_message", ({ seq }) => seq === 3_003)
        for (const signal of ["traces", "metrics", "logs"]) assert.isAtMost(lines(signal).length, 1)
        server.kill("SIGTERM")
        assert.strictEqual(yield* server.exited, 0, server.output().slice(-2_000) + server.errors())
        assert.isEmpty(receiver.requests.filter(({ url }) => url.endsWith("/again")))
      }), 120_000)
  }
})
