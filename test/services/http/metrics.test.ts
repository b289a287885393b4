/** Who may read the metrics, and where. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { AdminAccess, BasePath } from "../../../src/index.ts"
import { fetchMetrics, valueOf } from "../../support/metricsPage.ts"
import { served, TestServer, testServer } from "../../support/TestServer.ts"

const token = "a-token-of-administrators"
const access = AdminAccess.layerToken(Redacted.make(token))

describe("/metrics", () => {
  served("with the admin token, and with no other", function*(port) {
    const answer = yield* fetchMetrics(port, token)
    assert.strictEqual(answer.status, 200)
    assert.strictEqual(valueOf(answer.text, "switchboard_build_info"), 1)
    for (const given of [undefined, "", "wrong", `${token}x`]) {
      const { contentType, status, text } = yield* fetchMetrics(port, given)
      assert.deepStrictEqual([status, contentType], [401, "application/problem+json"])
      assert.include(text, "Send the admin token")
    }
  }, { access })

  served("off, where there is no admin API", function*(port) {
    assert.strictEqual((yield* fetchMetrics(port, token)).status, 403)
  })

  served("on the admin port without one, but not for pages", function*(port) {
    assert.strictEqual((yield* fetchMetrics(port)).status, 200)
    const page = yield* Effect.promise(() =>
      fetch(`http://127.0.0.1:${port}/metrics`, { headers: { origin: "http://localhost:8080" } })
    )
    assert.strictEqual(page.status, 403)
  }, { access: AdminAccess.layerAdminPort })

  it.live("under the base path", () =>
    Effect.gen(function*() {
      const { port } = yield* TestServer
      assert.strictEqual((yield* fetchMetrics(port, token, "/chat/metrics")).status, 200)
      assert.strictEqual((yield* fetchMetrics(port, token)).status, 404)
    }).pipe(
      Effect.scoped,
      Effect.provide(testServer({ access }).pipe(Layer.provide(Layer.orDie(BasePath.layer("/chat")))))
    ))

  served("a scraper that asks without end gets its pages", function*(port) {
    const answers = yield* Effect.all(Array.from({ length: 300 }, () => fetchMetrics(port)), { concurrency: 20 })
    assert.isTrue(answers.every(({ status, text }) => status === 200 && valueOf(text, "switchboard_store_up") === 1))
  }, { access: AdminAccess.layerAdminPort })
})
