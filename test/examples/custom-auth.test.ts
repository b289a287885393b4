/** examples/custom-auth is what a team would copy, so it has to work. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { HttpServer } from "effect/http"
import { app } from "../../examples/custom-auth/main.ts"
import { open } from "../support/TestClient.ts"

describe("examples/custom-auth", () => {
  it.live("P8 the app's own sessions open the door, its own rules decide who writes to whom", () =>
    Effect.gen(function*() {
      const { address } = yield* HttpServer.HttpServer
      const port = address._tag === "UnixPathAddress" ? 0 : address.port
      const as = (key: string) => open({ port, level: "v1", headers: { "X-Session": key } })
      const refused = yield* Effect.flip(as("guessed"))
      assert.strictEqual(refused.status, 401)
      const [ann, ben, cleo] = [yield* as("key-of-ann"), yield* as("key-of-ben"), yield* as("key-of-cleo")]
      for (const client of [ann, ben, cleo]) yield* client.expect("welcome")

      ben.send({ type: "chat_message", id: "1", recipient: "cleo", text: "psst" })
      assert.strictEqual((yield* ben.expect("error")).code, "forbidden")
      ben.send({ type: "typing", id: "2", recipient: "cleo", active: true })
      assert.strictEqual((yield* ben.expect("error")).code, "forbidden")
      ben.send({ type: "create_group", id: "3", name: "ours", members: ["cleo"] })
      assert.strictEqual((yield* ben.expect("error")).code, "forbidden")

      ben.send({ type: "chat_message", id: "4", recipient: "teacher.ann", text: "I have a question." })
      yield* ben.expect("message_accepted")
      assert.strictEqual((yield* ann.expect("incoming_message")).text, "I have a question.")
      ann.send({ type: "create_group", id: "5", name: "class", members: ["ben", "cleo"] })
      const { group } = yield* ann.waitFor("group_info")
      yield* cleo.expect("group_changed")
      cleo.send({ type: "chat_message", id: "6", group, text: "Good morning!" })
      yield* cleo.expect("message_accepted")
    }).pipe(Effect.scoped, Effect.provide(Layer.fresh(app(0)))))
})
