/** What may go wrong between several servers and with them, at a moment that a seed has chosen. */
import { Effect } from "effect"
import type { Chance } from "./chaosDevice.ts"
import type { Person } from "./clusterPeople.ts"
import type { ClusterProcesses, NodePlace } from "./clusterProcesses.ts"
import type { TcpProxy } from "./tcpProxy.ts"

export interface FaultOptions {
  readonly cluster: ClusterProcesses
  readonly people: ReadonlyArray<Person>
  readonly chance: Chance
}

interface Place extends FaultOptions {
  readonly node: NodePlace
}

type Fault = (place: Place) => Effect.Effect<unknown, unknown>

/** Between these, in milliseconds. */
const pause = (chance: Chance, from: number, to: number) => Effect.sleep(from + Math.round(chance() * (to - from)))

/** For a while nothing comes through, in one way or another. */
const cut = (proxy: TcpProxy, chance: Chance, most: number) =>
  Effect.gen(function*() {
    const dice = chance()
    if (dice < 0.25) return proxy.reset()
    if (dice < 0.5) {
      proxy.delay(Math.round(chance() * 200))
      proxy.reset()
    } else if (dice < 0.75) proxy.refuse()
    else proxy.silenceAll()
    yield* pause(chance, 200, most)
    proxy.delay(0)
    proxy.pass()
    // What was silent stays so until somebody notices; a line that is late stays late.
    if (dice < 0.5 || chance() < 0.3) proxy.reset()
  })

const restart = (node: NodePlace, chance: Chance) => Effect.andThen(pause(chance, 0, 1_500), node.restart)

/** Where there is no Redis, the bus's lines are cut. */
const toRedis = (command: string): Fault => ({ cluster: { redis }, node }) =>
  redis === undefined ?
    Effect.sync(() => node.links.bus.reset()) : // It may be away just now.
    Effect.ignoreCause(redis.command(command))

export const faults: Readonly<Record<string, Fault>> = {
  "kill -9": ({ chance, node }) => Effect.andThen(node.kill, restart(node, chance)),
  "kill -9 with its bus silent": ({ chance, node }) =>
    Effect.gen(function*() {
      node.links.bus.silenceAll()
      yield* pause(chance, 50, 500)
      yield* node.kill
      node.links.bus.pass()
      yield* restart(node, chance)
    }),
  "drain": ({ chance, node }) => Effect.andThen(node.drain, restart(node, chance)),
  "stands still": ({ chance, node }) =>
    Effect.gen(function*() {
      yield* node.pause
      yield* chance() < 0.2 ? pause(chance, 10_500, 13_000) : pause(chance, 200, 3_000)
      yield* node.resume
    }),
  "store cut": ({ chance, node }) => cut(node.links.store, chance, 3_000),
  "bus cut": ({ chance, node }) => cut(node.links.bus, chance, 7_000),
  "store and bus cut": ({ chance, node }) =>
    Effect.all([cut(node.links.store, chance, 3_000), cut(node.links.bus, chance, 3_000)], { concurrency: 2 }),
  "store cut from all": ({ chance, cluster }) =>
    Effect.gen(function*() {
      for (const { links } of cluster.nodes) links.store.refuse()
      yield* pause(chance, 100, 1_500)
      for (const { links } of cluster.nodes) links.store.pass()
    }),
  "bus cut from all": ({ chance, cluster }) =>
    Effect.forEach(cluster.nodes, ({ links }) => cut(links.bus, chance, 5_000), { concurrency: "unbounded" }),
  "Redis restarted": ({ chance, cluster: { redis }, node }) =>
    redis === undefined
      ? cut(node.links.bus, chance, 2_000)
      : Effect.andThen(redis.stop, Effect.andThen(pause(chance, 100, 3_000), redis.start)),
  "FLUSHALL": toRedis("FLUSHALL"),
  "CLIENT KILL": toRedis("CLIENT KILL TYPE pubsub"),
  "a client's line cut": ({ chance, people }) => cut(people[Math.floor(chance() * people.length)]!.door, chance, 1_000),
  "a client moves": ({ chance, node, people }) =>
    Effect.sync(() => {
      const { door } = people[Math.floor(chance() * people.length)]!
      door.pin(chance() < 0.5 ? node : undefined)
      door.reset()
    })
}

/** Strikes again and again, on servers that nothing else has struck and that run; `busy` are those. */
export const strike = Effect.fnUntraced(function*(options: FaultOptions, busy: Set<string>) {
  const { chance, cluster } = options
  const names = Object.keys(faults)
  const name = names[Math.floor(chance() * names.length)]!
  const free = cluster.nodes.filter((node) => !busy.has(node.name))
  const node = free[Math.floor(chance() * free.length)]!
  const what = name.startsWith("Redis") ? ["Redis", node.name] : [node.name]
  if (busy.has(what[0]!)) return undefined
  for (const each of what) busy.add(each)
  yield* Effect.orDie(faults[name]!({ ...options, node }))
  for (const each of what) busy.delete(each)
  return name
})
