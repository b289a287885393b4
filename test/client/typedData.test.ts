/** An app's data in the type of its Schema, at the client. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Option, Schema } from "effect"
import { ChatClient, type ChatClientService } from "../../src/client/ChatClient.ts"
import { due, makeScriptedServer } from "../support/ScriptedServer.ts"

/** What it is to the app, and what it is in a frame, differ. */
const Order = Schema.Struct({ item: Schema.NonEmptyString, at: Schema.DateFromString })
type Order = typeof Order.Type

const tea: Order = { item: "tea", at: new Date(0) }
const inFrame = { item: "tea", at: "1970-01-01T00:00:00.000Z" }

const start = Effect.gen(function*() {
  const server = makeScriptedServer()
  const client: ChatClientService<Order> = yield* ChatClient.make({
    url: "ws://scripted",
    credentials: { _tag: "PhoneNumber", user: "alice" },
    device: "phone",
    data: Order
  }).pipe(Effect.provide(server.layer))
  yield* due
  yield* server.welcome
  return { client, server }
})

describe("data with a Schema", () => {
  it.effect("is said as the Schema encodes it, and read as it decodes it", () =>
    Effect.gen(function*() {
      const { client, server } = yield* start
      yield* Effect.forkChild(client.send({ recipient: "bob" }, "order", { data: tea }))
      yield* due
      const said = server.last().take("chat_message")
      assert.deepStrictEqual<unknown>(said["data"], inFrame)
      assert.deepStrictEqual(client.dataOf(said), Option.some(tea))
      server.last().accept(said, 1)
      yield* due
      yield* Effect.forkChild(client.edit({ recipient: "bob" }, 1, "order", { data: tea }))
      yield* due
      assert.deepStrictEqual<unknown>(server.last().take("edit_message")["data"], inFrame)
    }).pipe(Effect.scoped))

  it.effect("that does not fit is not sent, and not read", () =>
    Effect.gen(function*() {
      const { client, server } = yield* start
      const sending = yield* Effect.forkChild(
        Effect.flip(client.send({ recipient: "bob" }, "order", { data: { ...tea, item: "" } }))
      )
      const error = yield* Fiber.join(sending)
      assert.strictEqual(error._tag === "ClientError" && error.reason, "data")
      yield* due
      assert.isEmpty(server.last().said)
      // As an older version of the app has said it, or another app.
      for (const data of [{ item: 1 }, {}, undefined]) {
        assert.isTrue(Option.isNone(client.dataOf(data === undefined ? {} : { data })))
      }
    }).pipe(Effect.scoped))
})
