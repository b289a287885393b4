/**
 * A shop with a chat: an Effect app with an HTTP API of its own, and Switchboard on the same router, server and port.
 * Run it with `node examples/embed/main.ts`, in this repository after `npm run build`.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer, Schema, Stream } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import {
  Authenticator,
  HealthRoutes,
  MemoryMessageStore,
  NodeServer,
  ServerActor,
  Settings,
  Switchboard,
  UserId
} from "switchboard"

const Order = Schema.Struct({ customer: UserId, item: Schema.NonEmptyString })

/** An order of the shop's own API: the customer gets a message in the chat, from the app's own code. */
const orders = HttpRouter.add(
  "POST",
  "/orders",
  Effect.gen(function*() {
    const { customer, item } = yield* HttpServerRequest.schemaBodyJson(Order)
    const server = yield* ServerActor
    const accepted = yield* server.send({
      sender: UserId.make("shop"),
      recipient: customer,
      text: `Thank you, your order of ${item} is on its way.`
    })
    return HttpServerResponse.jsonUnsafe({ message: accepted.message_id }, { status: 201 })
  }).pipe(
    Effect.catchTags({
      SchemaError: () =>
        Effect.succeed(HttpServerResponse.jsonUnsafe({ error: "an order has customer and item" }, { status: 400 })),
      ChatError: ({ message }) => Effect.succeed(HttpServerResponse.jsonUnsafe({ error: message }, { status: 503 }))
    })
  )
)

/** What happens in the chat, as typed events. */
const audit = Layer.effectDiscard(
  Effect.gen(function*() {
    const server = yield* ServerActor
    yield* server.events.pipe(
      Stream.runForEach((event) =>
        event._tag === "Accepted"
          ? Console.log(`${event.conversation} #${event.entry.seq} by ${event.entry.sender}`)
          : Console.log(`${event.user} ${event._tag.toLowerCase()}`)
      ),
      Effect.forkScoped
    )
  })
)

/** The whole app, for a port of your choice. Replace any Layer by one of your own. */
export const app = (port: number) =>
  HttpRouter.serve(Layer.mergeAll(orders, HealthRoutes.layer), { disableListenLog: true }).pipe(
    Layer.merge(audit),
    Layer.provideMerge(NodeServer.layer(NodeServer.nodeServer, { port, host: "127.0.0.1" })),
    Layer.provide(Switchboard.layer),
    Layer.provide(Authenticator.layerPhoneHeader),
    Layer.provide(MemoryMessageStore.layer()),
    Layer.provide(Settings.layer)
  )

if (import.meta.main) NodeRuntime.runMain(Layer.launch(app(3_000)))
