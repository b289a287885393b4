/** The lines of one server to what it shares with others, each through a proxy: its store, and its bus. */
import { Effect, Redacted } from "effect"
import { type AddressInfo, connect, createServer } from "node:net"
import { tcpProxy } from "./tcpProxy.ts"

/** Of the lines to one Postgres, those that say at their beginning that they are the bus's go another way. */
const parting = (store: number, bus: number) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly port: number; readonly end: () => void }>((resume) => {
      const server = createServer((client) => {
        client.on("error", () => {})
        client.once("data", (first) => {
          const port = first.includes("synchronous_commit") ? bus : store
          const line = connect({ host: "127.0.0.1", port, noDelay: true })
          line.on("error", () => client.resetAndDestroy())
          line.on("close", () => client.destroy())
          client.on("close", () => line.destroy())
          line.write(first)
          client.pipe(line)
          line.pipe(client)
        })
      })
      server.listen(0, "127.0.0.1", () =>
        resume(Effect.succeed({
          port: (server.address() as AddressInfo).port,
          end: () => server.close()
        })))
    }),
    ({ end }) => Effect.sync(end)
  )

/** `redis` is a port; without it Postgres has the bus, too. */
export const linksOf = Effect.fnUntraced(function*(database: Redacted.Redacted<string>, redis: number | undefined) {
  const url = new URL(Redacted.value(database))
  const postgres = { host: url.hostname, port: Number(url.port || 5_432) }
  const store = yield* tcpProxy(postgres)
  const bus = yield* tcpProxy(redis === undefined ? postgres : { host: "127.0.0.1", port: redis })
  url.hostname = "127.0.0.1"
  url.port = String(redis === undefined ? (yield* parting(store.port, bus.port)).port : store.port)
  return {
    store,
    bus,
    args: [
      "--store",
      "postgres",
      "--database-url",
      url.href,
      ...(redis === undefined ? [] : ["--redis-url", `redis://127.0.0.1:${bus.port}`])
    ]
  }
})
