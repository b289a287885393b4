/** One seed, one story: several clients on bad lines, and what must be true at the end of it. */
import { Context, Effect, Exit, Fiber, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { ChatClient, type ChatClientService } from "../../src/client/ChatClient.ts"
import { memoryOutbox, type OutboxStorage } from "../../src/client/OutboxStorage.ts"
import { Transport } from "../../src/client/Transport.ts"
import type { LogEvent, PendingMessage } from "../../src/client/types.ts"
import * as CloseCode from "../../src/domain/CloseCode.ts"
import * as Conversation from "../../src/domain/Conversation.ts"
import { GroupId, UserId } from "../../src/domain/Ids.ts"
import { ServerActor } from "../../src/services/server/ServerActor.ts"
import { EncodedFrame } from "../../src/services/session/EncodedFrame.ts"
import { check } from "./chaosLaws.ts"
import { makeServer } from "./chaosServer.ts"
import { type Fate, goodFate, type Line, makeNetwork, type Network } from "./MemoryNetwork.ts"

/** How long things go wrong, and how long the clients have to make up for it. */
const chaosMillis = 15_000
const healMillis = 75_000

/** A story in so many is told on a disk. */
const diskEvery = 25

/** Dead lines are found within the time that a story has, and in every other story the server wants it slow. */
const settingsOf = (seed: number) => ({
  heartbeatMillis: 5_000,
  heartbeatTimeoutMillis: 5_000,
  ...(seed % 2 === 0 ? { maxMessagesPerSecond: 6 } : undefined)
})

type Chance = () => number

/** A small generator (mulberry32), so that a seed is the same story everywhere. */
const chanceOf = (seed: number): Chance => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const isLogEvent = (event: { readonly type: string }): event is LogEvent => "seq" in event

/** Frames of logs get lost, doubled and swapped; only once the client knows where the log stands, as on a real line. */
const badPushes = (chance: Chance): NonNullable<Fate["push"]> => {
  const known = new Set<string>()
  let kept: string | undefined
  return (json) => {
    const { conversation, seq } = JSON.parse(json) as { conversation?: string; seq?: number }
    const before = kept === undefined ? [] : [kept]
    kept = undefined
    if (conversation === undefined || seq === undefined || json.includes("\"message_accepted\"")) {
      return [...before, json]
    }
    const first = !known.has(conversation)
    known.add(conversation)
    const dice = chance()
    if (first || dice > 0.15) return [...before, json]
    if (dice < 0.05) return before
    if (dice < 0.1) return [...before, json, json]
    kept = json
    return before
  }
}

const fateOf = (chance: Chance): Fate => {
  const dice = chance()
  if (dice < 0.15) return { ...goodFate, openAfter: "refused" }
  return {
    // Sometimes longer than a client waits: the server gets the request when nobody wants it any more.
    openAfter: Math.round(dice < 0.2 ? 15_000 + chance() * 4_000 : chance() * 1_000),
    latency: chance() < 0.5 ? 0 : Math.round(chance() * 300),
    ...(chance() < 0.3 ? { push: badPushes(chance) } : undefined),
    ...(chance() < 0.85
      ? { cut: { after: Math.round(chance() * 6_000), tellClient: chance() < 0.7, tellServer: chance() < 0.6 } }
      : undefined)
  }
}

export interface Device {
  readonly user: UserId
  readonly name: string | undefined
  readonly outbox: OutboxStorage
  /** Each run of the program on this device: what it was told, and what it was answered. */
  readonly runs: Array<{ readonly events: Array<LogEvent>; readonly answers: Array<Said> }>
  /** Texts in the order in which they were said, by conversation. */
  readonly said: Map<string, Array<string>>
  client: ChatClientService
  scope: Scope.Closeable
}

interface Said {
  readonly conversation: string
  readonly seq: number
}

const run = Effect.fnUntraced(function*(device: Omit<Device, "client" | "scope">, network: Network) {
  const scope = yield* Scope.make()
  const current = { events: [] as Array<LogEvent>, answers: [] as Array<Said> }
  device.runs.push(current)
  const client = yield* ChatClient.make({
    url: "ws://memory/ws",
    credentials: { _tag: "PhoneNumber", user: device.user },
    outbox: device.outbox,
    ...(device.name === undefined ? undefined : { device: device.name })
  }).pipe(Effect.provideService(Transport, network.transport), Scope.provide(scope))
  yield* Stream.runForEach(client.events, (event) =>
    Effect.sync(() => {
      if (isLogEvent(event)) current.events.push(event)
      if (event.type === "accepted") current.answers.push(event.accepted)
      if (event.type === "failed") forget(device, event.message)
    })).pipe(Effect.forkIn(scope))
  return Object.assign(device, { client, scope })
})

/** What was refused, as from somebody who is out of the group, was never said. */
const forget = ({ said }: Pick<Device, "said">, { text }: PendingMessage) => {
  for (const [key, texts] of said) said.set(key, texts.filter((each) => each !== text))
}

const users = ["alice", "bob", "carol"].map((name) => UserId.make(name))
const emojis = ["👍", "❤️", "😀"]

/** A person on a device says something, and waits for nothing. */
const act = Effect.fnUntraced(function*(device: Device, group: string, chance: Chance, n: number) {
  const pick = <A>(list: ReadonlyArray<A>): A => list[Math.floor(chance() * list.length)]!
  const others = users.filter((user) => user !== device.user)
  const peer = pick(others)
  const inGroup = chance() < 0.4
  const target = inGroup ? { group } : { recipient: peer as string }
  const { answers } = device.runs.at(-1)!
  const dice = chance()
  const key = inGroup ? `group:${group}` : Conversation.direct(device.user, peer)
  const seq = 1 + Math.floor(chance() * 8)
  if (dice < 0.7) {
    const text = `${device.user}/${device.name} ${n}`
    device.said.set(key, [...device.said.get(key) ?? [], text])
    return yield* Effect.forkIn(Effect.ignore(device.client.send(target, text)), device.scope)
  }
  if (inGroup && dice > 0.82) {
    const { addMembers, removeMembers } = device.client
    const change = chance() < 0.45 ? removeMembers(group, ["carol"]) : addMembers(group, ["carol"])
    return yield* Effect.forkIn(Effect.ignore(change), device.scope)
  }
  if (inGroup && dice > 0.78) {
    return yield* Effect.forkIn(Effect.ignore(device.client.renameGroup(group, `the name of ${n}`)), device.scope)
  }
  if (dice > 0.96) {
    const change = chance() < 0.5 ? device.client.block(peer) : device.client.unblock(peer)
    return yield* Effect.forkIn(Effect.ignore(change), device.scope)
  }
  const command = dice < 0.8
    ? device.client.edit(target, seq, `edited by ${device.user} ${n}`)
    : dice < 0.85
    ? device.client.delete(target, seq)
    : device.client.react(target, seq, pick(emojis))
  // What is not there or not theirs is refused, which is an answer too.
  return yield* command.pipe(
    Effect.map((accepted) => void answers.push(accepted)),
    Effect.ignore,
    Effect.forkIn(device.scope)
  )
})

export const story = Effect.fnUntraced(function*(seed: number) {
  const chance = chanceOf(seed)
  let wild = false
  const server = yield* makeServer(settingsOf(seed), seed % diskEvery === 0)
  const network = yield* makeNetwork(() => wild ? fateOf(chance) : goodFate, server.actor)
  const makeDevice = (user: string, name?: string) =>
    run({ user: UserId.make(user), name, outbox: memoryOutbox(), runs: [], said: new Map() }, network)
  const devices: Array<Device> = [
    yield* makeDevice("alice", "phone"),
    yield* makeDevice("alice", "tablet"),
    yield* makeDevice("bob", "phone"),
    // Nameless, so its cursor is the user's default one.
    yield* makeDevice("carol")
  ]
  const ends: ReadonlyArray<CloseCode.CloseCode> = [CloseCode.GoingAway, CloseCode.SlowReader, CloseCode.InternalError]

  const made = yield* Effect.forkScoped(devices[0]!.client.createGroup("three", ["bob", "carol"]))
  yield* TestClock.adjust("1 second")
  const { group } = yield* Fiber.join(made)
  wild = true
  for (const line of network.lines) line.cut(true, true)

  const steps = 20 + Math.floor(chance() * 15)
  for (let n = 0; n < steps; n++) {
    const index = Math.floor(chance() * devices.length)
    const dice = chance()
    if (dice < 0.06 && devices[index]!.name !== undefined) {
      // The program ends and starts again; what it had not said is in its outbox.
      const device = devices[index]!
      yield* Scope.close(device.scope, Exit.void)
      // What the former program asked for does not come after this one, and replace it.
      for (const line of network.lines) {
        if (!line.listening && line.request.url.endsWith(`device=${device.name}`)) line.cut(true, true)
      }
      devices[index] = yield* run(device, network)
    } else if (dice < 0.12) {
      const line: Line | undefined = network.lines.at(-1)
      line?.close(ends[n % ends.length]!)
    } else if (dice < 0.15) {
      // The server ends, at once for some and with a word for others, and comes back a little later.
      for (const line of network.lines) {
        if (chance() < 0.5) line.cut(chance() < 0.5, true)
        else line.close(CloseCode.Draining)
      }
      yield* TestClock.adjust("100 millis")
      yield* server.end
      yield* TestClock.adjust(Math.round(chance() * 3_000))
      yield* server.start
    } else if (dice < 0.18) {
      // The server wants to be left, and there is another that is the same to everybody.
      for (const line of network.lines) {
        if (!line.listening || line.isCut) continue
        line.write([new EncodedFrame({ type: "draining", reconnect_after_ms: Math.round(chance() * 2_000) })])
      }
    } else {
      yield* act(devices[index]!, group, chance, n)
    }
    yield* TestClock.adjust(Math.round(chance() * 2 * chaosMillis / steps))
  }
  wild = false
  for (const line of network.lines) line.cut(chance() < 0.5, chance() < 0.5)
  yield* TestClock.adjust(healMillis)

  yield* Context.get(server.now(), ServerActor).flush
  yield* check(devices, GroupId.make(group), server)
  for (const device of devices) yield* Scope.close(device.scope, Exit.void)
})
