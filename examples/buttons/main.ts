/**
 * A chat whose bot asks with buttons. Messages carry them as `data`, which has a Schema: the server refuses what does not
 * fit, and the page has it typed. Run it with `node examples/buttons/main.ts`, in this repository after `npm run build`, and
 * go to http://localhost:3000/?user=alice; Vite makes one script of the page.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer, Option, Schema, Stream } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import {
  AdminAccess,
  ApiRoutes,
  Authenticator,
  ClientId,
  Conversation,
  type Entry,
  HealthRoutes,
  MemoryMessageStore,
  MessageDataSchema,
  NodeServer,
  ServerActor,
  Settings,
  Switchboard,
  UserId
} from "switchboard"
import { build, type InlineConfig } from "vite"
import { bot, Card } from "./cards.ts"

const waiter = UserId.make(bot)

const menu: Card = { buttons: [{ id: "tea", label: "Tea" }, { id: "coffee", label: "Coffee" }] }

const cardOf = Schema.decodeUnknownOption(Card)

/** What the bot says to something that was said to it. */
const answerTo = ({ data }: Entry.TextEntry): { readonly text: string; readonly data?: Card } => {
  const card = Option.getOrUndefined(cardOf(data))
  if (card === undefined || !("pressed" in card)) return { text: "What may I bring you?", data: menu }
  return { text: `One ${card.pressed}, it is on its way.` }
}

/** Hears what is said to it while it is here, and answers each message once. */
const waiting = Layer.effectDiscard(
  Effect.gen(function*() {
    const server = yield* ServerActor
    yield* server.events.pipe(
      Stream.runForEach((event) => {
        if (event._tag !== "Accepted" || event.entry.kind !== "text" || event.entry.sender === waiter) {
          return Effect.void
        }
        const { conversation, entry } = event
        if (!Conversation.usersOf(conversation).includes(waiter)) return Effect.void
        const id = ClientId.make(`to-${entry.message_id}`)
        return server.send({ sender: waiter, conversation, replyTo: entry.seq, id, ...answerTo(entry) }).pipe(
          Effect.catch(({ message }) => Console.error(`Not answered: ${message}`))
        )
      }),
      Effect.forkScoped
    )
  })
)

/** The chat and its bot, without a door. */
export const chat = waiting.pipe(
  Layer.provideMerge(Switchboard.layer),
  Layer.provide(Layer.succeed(MessageDataSchema, Card)),
  Layer.provideMerge(Authenticator.layerPhoneHeader),
  Layer.provideMerge(MemoryMessageStore.layer()),
  Layer.provideMerge(Settings.layer)
)

/** The script of the page. `options` are Vite's own. */
const script = (options: InlineConfig) =>
  Effect.promise(async () => {
    const built = await build({
      ...options,
      configFile: false,
      logLevel: "error",
      root: import.meta.dirname,
      build: { write: false, target: "es2024", lib: { entry: "page.ts", formats: ["es"], fileName: "page" } }
    })
    const [first] = [built].flat()
    const chunk = first !== undefined && "output" in first ? first.output[0] : undefined
    return chunk?.type === "chunk" ? chunk.code : ""
  })

const html = `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <title>Buttons</title>
  <style>
    body { font: 1rem system-ui; max-width: 40rem; margin: 2rem auto; padding: 0 1rem }
    button { margin-inline-end: 0.5rem }
  </style>
  <h1>Buttons</h1>
  <ol id="log" aria-live="polite"></ol>
  <form><label>Say something <input name="text" autocomplete="off" required></label> <button>Send</button></form>
  <script type="module" src="page.js"></script>
</html>
`

const page = (options: InlineConfig) =>
  Layer.unwrap(Effect.map(script(options), (code) =>
    Layer.mergeAll(
      HttpRouter.add("GET", "/", HttpServerResponse.text(html, { contentType: "text/html" })),
      HttpRouter.add("GET", "/page.js", HttpServerResponse.text(code, { contentType: "text/javascript" }))
    )))

/** The whole app, for a port of your choice. */
export const app = (port: number, options: InlineConfig = {}) =>
  HttpRouter.serve(
    Layer.mergeAll(page(options), HealthRoutes.layer, ApiRoutes.layer.pipe(Layer.provide(AdminAccess.layerOff))),
    { disableListenLog: true, disableLogger: true }
  ).pipe(
    Layer.provideMerge(NodeServer.layer(NodeServer.nodeServer, { port, host: "127.0.0.1" })),
    Layer.provide(chat)
  )

if (import.meta.main) NodeRuntime.runMain(Layer.launch(app(3_000)))
