/** An app that keeps the last word of every conversation in its own tables, and misses none while it is down. */
import { Console, Effect, Layer, Stream } from "effect"
import { HttpRouter } from "effect/http"
import { Authenticator, ChatRoutes, Events, NodeServer, Settings, SqliteMessageStore, Switchboard } from "switchboard"

/** Yours. The same event may come twice, so what it does has to be the same then. */
const remember = (conversation: string, seq: number, text: string) => Console.log(`${conversation} #${seq}: ${text}`)

const crm = Layer.effectDiscard(Effect.gen(function*() {
  const events = yield* Events
  yield* events.subscribe("crm", { from: "beginning" }).pipe(
    Stream.runForEach(({ conversation, entry }) =>
      entry.kind === "text" ? remember(conversation, entry.seq, entry.text ?? "") : Effect.void
    ),
    Effect.forkScoped
  )
}))

export const app = (filename: string, port: number) =>
  HttpRouter.serve(ChatRoutes.layer, { disableListenLog: true }).pipe(
    Layer.merge(crm),
    Layer.provide(Events.layer),
    Layer.provideMerge(NodeServer.layer(NodeServer.nodeServer, { port })),
    Layer.provide(Switchboard.layer),
    Layer.provide(Authenticator.layerPhoneHeader),
    Layer.provide(SqliteMessageStore.layer({ filename })),
    Layer.provide(Settings.layer)
  )
