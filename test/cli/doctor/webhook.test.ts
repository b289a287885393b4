/** Targets of webhooks: there, moved, broken, slow, gone. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { RequestListener } from "node:http"
import { webhookCheck } from "../../../src/cli/doctor/webhook.ts"
import { httpServer } from "../../support/httpServer.ts"
import { freePort } from "../../support/redisServer.ts"
import { foundBy } from "../../support/verdicts.ts"

const looked = (target: string, millis = 30_000) =>
  Effect.map(foundBy([webhookCheck(target)], millis), (lines) => lines.join("\n"))

describe("the doctor, of a webhook's target", () => {
  it.live("asks once, by HEAD, and follows nobody", () =>
    Effect.gen(function*() {
      const asked: Array<string> = []
      const answers: Record<string, RequestListener> = {
        "/chat": (_, response) => response.writeHead(405).end(),
        "/moved": (_, response) => response.writeHead(301, { location: "/chat" }).end(),
        "/broken": (_, response) => response.writeHead(500).end(),
        "/slow": () => {}
      }
      const port = yield* httpServer((request, response) => {
        asked.push(`${request.method} ${request.url}`)
        answers[request.url!]!(request, response)
      })
      const at = (path: string) => `http://127.0.0.1:${port}${path}`
      assert.match(yield* looked(at("/chat")), /^ok webhook: 127\.0\.0\.1:\d+ answers\.$/)
      assert.match(yield* looked(at("/moved")), /^warning webhook: .* redirects to \/chat, which is not followed/)
      assert.match(yield* looked(at("/broken")), /^warning webhook: .* answers 500/)
      assert.match(yield* looked(at("/slow"), 200), /^failed webhook: No answer in 0\.2 seconds/)
      assert.deepStrictEqual(asked, ["HEAD /chat", "HEAD /moved", "HEAD /broken", "HEAD /slow"])
    }).pipe(Effect.scoped), 60_000)

  it.live("nobody there, or no address", () =>
    Effect.gen(function*() {
      const gone = yield* freePort
      assert.match(
        yield* looked(`http://127.0.0.1:${gone}/`),
        /^failed webhook: 127\.0\.0\.1:\d+ cannot be reached \(connect ECONNREFUSED .*\); see that it runs\.$/
      )
      for (const target of ["", "nowhere", "ftp://a.example", "file:///etc/passwd"]) {
        assert.match(yield* looked(target), /^failed webhook: The target is no address/)
      }
    }), 60_000)
})
