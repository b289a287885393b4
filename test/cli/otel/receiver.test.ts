import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Logger } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import type { ServerResponse } from "node:http"
import { receiverOf } from "../../../src/cli/otel/receiver.ts"
import { startReceiver } from "../../support/OtlpReceiver.ts"
import { until } from "../../support/until.ts"

const postTo = (url: string) => HttpClientRequest.post(`${url}/v1/other`)

/** A line to a receiver, and the log lines of it. */
const lineTo = Effect.fnUntraced(function*(url: string, timeout = 20_000) {
  const lines: Array<string> = []
  const logger = Logger.make(({ message }) => void lines.push(String(message)))
  const target = { url, timeout, headers: {}, protocol: "http/json", compression: "none", interval: 1_000 } as const
  const client = yield* HttpClient.HttpClient.pipe(Effect.provide(receiverOf("traces", target)))
  return {
    lines,
    send: (request: HttpClientRequest.HttpClientRequest) =>
      Effect.exit(client.execute(request)).pipe(
        Effect.map((exit) => exit._tag === "Success" ? exit.value.status : "lost"),
        Effect.provide(Logger.layer([logger]))
      )
  }
})

describe("the line to a receiver", () => {
  it.live("tries again what failed and lets go of what comes meanwhile, with a line when it begins and when it is over", () =>
    Effect.gen(function*() {
      let status = 503
      const receiver = yield* startReceiver((_, response) => response.writeHead(status).end("no"))
      const { lines, send } = yield* lineTo(receiver.url)
      const first = postTo(receiver.url)
      assert.strictEqual(yield* send(first), 503)
      assert.strictEqual(yield* send(first), 503)
      assert.strictEqual(yield* send(postTo(receiver.url)), "lost")
      assert.lengthOf(receiver.requests, 2)
      assert.deepStrictEqual(lines, ["Otlp.failed"])
      status = 200
      assert.strictEqual(yield* send(first), 200)
      assert.strictEqual(yield* send(postTo(receiver.url)), 200)
      assert.deepStrictEqual(lines, ["Otlp.failed", "Otlp.recovered"])
      // Whoever is back for a moment and gone again is told of once in a while.
      status = 500
      yield* send(postTo(receiver.url))
      assert.lengthOf(lines, 2)
    }))

  it.live("has four requests under way, others wait for them, and what is too much is lost", () =>
    Effect.gen(function*() {
      const waiting: Array<ServerResponse> = []
      const receiver = yield* startReceiver((_, response) => void waiting.push(response))
      const { lines, send } = yield* lineTo(receiver.url)
      const all = Array.from({ length: 32 }, () => send(postTo(receiver.url)))
      const sent = yield* Effect.forkChild(Effect.all(all, { concurrency: "unbounded" }))
      yield* until(Effect.sync(() => waiting.length === 4))
      assert.strictEqual(yield* send(postTo(receiver.url)), "lost")
      assert.deepStrictEqual(lines, ["Otlp.failed"])
      assert.lengthOf(receiver.requests, 4)
      while (receiver.requests.length < 32) {
        for (const response of waiting.splice(0)) response.end()
        yield* until(Effect.sync(() => waiting.length > 0))
      }
      for (const response of waiting) response.end()
      assert.deepStrictEqual(yield* Fiber.join(sent), all.map(() => 200))
    }))

  it.live("waits for no answer longer than it is told to", () =>
    Effect.gen(function*() {
      const receiver = yield* startReceiver(() => {})
      const { lines, send } = yield* lineTo(receiver.url, 50)
      assert.strictEqual(yield* send(postTo(receiver.url)), "lost")
      assert.deepStrictEqual(lines, ["Otlp.failed"])
    }))

  it.live("reads little of what it is answered, and follows nobody elsewhere", () =>
    Effect.gen(function*() {
      let sent = 0
      const chunk = Buffer.alloc(65_536, "x")
      const receiver = yield* startReceiver(({ url }, response) => {
        if (url === "/v1/other") return void response.writeHead(307, { location: "/elsewhere" }).end()
        const more = () => {
          while (!response.destroyed && response.write(chunk)) sent += chunk.length
        }
        response.writeHead(200).on("drain", more)
        more()
      })
      const talker = yield* lineTo(receiver.url)
      assert.strictEqual(yield* talker.send(HttpClientRequest.post(`${receiver.url}/talk`)), 200)
      // What fits into the sockets between them.
      assert.isBelow(sent, 64 * 1_048_576)
      assert.strictEqual(yield* talker.send(postTo(receiver.url)), "lost")
      assert.deepStrictEqual(receiver.requests.map(({ url }) => url), ["/talk", "/v1/other"])
    }))
})
