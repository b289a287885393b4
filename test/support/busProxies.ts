/** A bus whose lines go through a proxy, by which they are counted and harmed. */
import { Context, Effect, Layer, Redacted } from "effect"
import { PostgresBus } from "../../src/services/cluster/PostgresBus.ts"
import { RedisBus } from "../../src/services/cluster/RedisBus.ts"
import { postgresUrl } from "./postgres.ts"
import { redisUrl } from "./redis.ts"
import { type TcpProxy, tcpProxy } from "./tcpProxy.ts"

export class Proxy extends Context.Service<Proxy, TcpProxy>()("test/Proxy") {}

const to = (url: Redacted.Redacted<string>, port: number) =>
  Layer.effect(
    Proxy,
    Effect.suspend(() => {
      const { hostname, port: given } = new URL(Redacted.value(url))
      return tcpProxy({ host: hostname, port: Number(given || port) })
    })
  )

const through = (url: Redacted.Redacted<string>) =>
  Effect.map(Proxy, ({ port }) => {
    const changed = new URL(Redacted.value(url))
    changed.hostname = "127.0.0.1"
    changed.port = String(port)
    return Redacted.make(changed.href)
  })

export const connections = Effect.map(Proxy, (proxy) => proxy.open())

export const postgres = {
  proxy: to(postgresUrl, 5_432),
  layer: (channel: string) =>
    Layer.unwrap(Effect.map(through(postgresUrl), (url) => PostgresBus.layer({ url, channel })))
}

export const redis = {
  proxy: to(redisUrl, 6_379),
  layer: (channel: string) => Layer.unwrap(Effect.map(through(redisUrl), (url) => RedisBus.layer({ url, channel })))
}
