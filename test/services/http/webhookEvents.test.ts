/** What webhooks have not handed on, over HTTP and through the typed client. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import { HttpApiClient } from "effect/http-api"
import { Api } from "../../../src/services/api/Api.ts"
import { dataFile } from "../../support/dataFiles.ts"
import { eventually } from "../../support/eventually.ts"
import { startServer } from "../../support/ServerProcess.ts"
import { connect } from "../../support/TestClient.ts"
import { refuse, startReceiver, take, webhookSecret } from "../../support/webhookReceiver.ts"

const token = "a-token-of-administrators"

const clientOf = (port: number) =>
  HttpApiClient.make(Api, {
    baseUrl: `http://127.0.0.1:${port}`,
    transformClient: HttpClient.mapRequest(HttpClientRequest.bearerToken(token))
  })

const call = (port: number, path: string, method = "GET", bearer = token) =>
  Effect.promise(async () => {
    const response = await fetch(`http://127.0.0.1:${port}/v1/admin/webhook-events${path}`, {
      method,
      headers: { authorization: `Bearer ${bearer}` }
    })
    return { status: response.status, body: await response.json() as Record<string, any> }
  })

describe("/v1/admin/webhook-events", () => {
  it.live("lists what waits, page by page, and has it tried again", () =>
    Effect.gen(function*() {
      const receiver = yield* startReceiver()
      receiver.answer = refuse(500)
      const { port } = yield* startServer(
        ["--data", yield* dataFile, "--admin-token", token, "--webhook-url", receiver.url].concat(
          ["--webhook-events", "message.accepted,group.changed,message.unread", "--webhook-unread-ms", "100"]
        ),
        { SWITCHBOARD_WEBHOOK_SECRET: webhookSecret }
      )
      const client = yield* clientOf(port)
      assert.deepStrictEqual(yield* client.webhookEvents.list({ query: {} }), { events: [], has_more: false })
      const alice = yield* connect({ port, user: "alice", level: "v1" })
      for (let i = 0; i < 12; i++) {
        alice.send({ type: "chat_message", id: `${i}`, recipient: `user${i}`, text: "hi" })
        alice.send({ type: "chat_message", id: `${i}b`, recipient: `user${i}`, text: "hi again" })
      }
      alice.send({ type: "create_group", id: "g", name: "tea", members: ["bob"] })
      // One of each conversation, tried or not; what comes after it in its conversation is not next.
      const all = (state?: "waiting" | "failed") =>
        Effect.gen(function*() {
          const found = []
          let after: string | undefined
          while (true) {
            const page: Effect.Success<ReturnType<typeof client.webhookEvents.list>> = yield* client.webhookEvents.list(
              {
                query: {
                  limit: 5,
                  ...(after === undefined ? undefined : { after }),
                  ...(state === undefined ? undefined : { state })
                }
              }
            )
            found.push(...page.events)
            after = page.events.at(-1)?.id
            if (!page.has_more) return found
            assert.strictEqual(page.events.length, 5)
          }
        })
      const logged = Effect.map(all(), (events) => events.filter(({ type }) => type !== "message.unread"))
      yield* eventually(Effect.map(Effect.orDie(logged), (events) =>
        events.length === 13 && events.some(({ error }) =>
          error === "The receiver answered 500."
        )))
      const events = yield* logged
      assert.deepStrictEqual(
        events.map(({ seq }) =>
          seq
        ),
        events.map(() => 1)
      )
      assert.strictEqual(events.filter(({ type }) => type === "group.changed").length, 1)
      const order = events.map(({ conversation }) => conversation)
      assert.deepStrictEqual(order, order.toSorted())
      assert.deepStrictEqual(yield* all("failed"), [])
      const tried = events.find(({ attempts }) => attempts > 0)!
      assert.isNumber(tried.first_at)
      assert.isNumber(tried.next_at)
      receiver.answer = take
      for (const { id } of [tried, events.find(({ attempts }) => attempts === 0)!]) {
        const again = yield* call(port, `/${encodeURIComponent(id)}/retry`, "POST")
        assert.oneOf(again.status, [200, 404])
      }
      yield* eventually(Effect.map(Effect.orDie(logged), (events) => events.length === 0))
      yield* eventually(Effect.sync(() => receiver.heard.filter(({ type }) => type !== "message.unread").length === 25))
    }).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerNodeHttp)), 90_000)

  it.live("says what is wrong", () =>
    Effect.gen(function*() {
      const { port } = yield* startServer(["--data", yield* dataFile, "--admin-token", token])
      for (
        const [path, method, status] of [
          ["?after=nonsense", "GET", 400],
          ["?limit=0", "GET", 400],
          ["?limit=101", "GET", 400],
          ["?state=lost", "GET", 400],
          ["/nonsense/retry", "POST", 404],
          ["/log~dm%3Aalice%3Abob~1/retry", "POST", 404],
          ["/unread~dm:alice:bob~1~bob/retry", "POST", 404]
        ] as const
      ) {
        const answer = yield* call(port, path, method)
        assert.strictEqual(answer.status, status, path)
        assert.isString(answer.body["code"])
        assert.isString(answer.body["detail"])
      }
      assert.strictEqual((yield* call(port, "", "GET", "no-token-of-anybody-at-all")).status, 401)
      assert.deepStrictEqual((yield* call(port, "?after=log~dm:alice:bob~1")).body, { events: [], has_more: false })
    }).pipe(Effect.scoped))
})
