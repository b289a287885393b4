/** What a server says of itself to what is in its process. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { Readiness } from "../../src/services/Readiness.ts"
import { inTime } from "../support/Peer.ts"
import { served } from "../support/TestServer.ts"

describe("a server", () => {
  served("tells when requests are answered", function*(port) {
    yield* (yield* Readiness).serving.pipe(inTime("its word"))
    const { status } = yield* Effect.promise(() => fetch(`http://127.0.0.1:${port}/health/live`))
    assert.strictEqual(status, 200)
  })
})
