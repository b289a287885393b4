/** examples/embed is what a team would copy, so it has to work. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { HttpServer } from "effect/http"
import { app } from "../../examples/embed/main.ts"
import { connect } from "../support/TestClient.ts"

const port = Effect.map(HttpServer.HttpServer, ({ address }) => address._tag === "UnixPathAddress" ? 0 : address.port)

describe("examples/embed", () => {
  it.live("one port: the app's own API, its message in the chat, and the chat itself", () =>
    Effect.gen(function*() {
      const at = yield* port
      const alice = yield* connect({ port: at, user: "alice" })
      const post = (body: object) =>
        Effect.promise(() =>
          fetch(`http://127.0.0.1:${at}/orders`, {
            method: "POST",
            body: JSON.stringify(body),
            headers: { "content-type": "application/json" }
          })
        )
      assert.strictEqual((yield* post({ customer: "alice", item: "a teapot" })).status, 201)
      const message = yield* alice.expect("incoming_message")
      assert.deepStrictEqual([message.sender, message.text], [
        "shop",
        "Thank you, your order of a teapot is on its way."
      ])
      assert.strictEqual((yield* post({ customer: "not a user" })).status, 400)
      const ready = yield* Effect.promise(() => fetch(`http://127.0.0.1:${at}/health/ready`))
      assert.strictEqual(ready.status, 200)
    }).pipe(Effect.scoped, Effect.provide(Layer.fresh(app(0)))))
})
