/** One seed, one story: several clients on bad lines, and what must be true at the end of it. */
import { Context, Effect, Exit, Fiber, Scope } from "effect"
import { TestClock } from "effect/testing"
import { memoryOutbox } from "../../src/client/OutboxStorage.ts"
import * as CloseCode from "../../src/domain/CloseCode.ts"
import { GroupId, UserId } from "../../src/domain/Ids.ts"
import { ServerActor } from "../../src/services/server/ServerActor.ts"
import { EncodedFrame } from "../../src/services/session/EncodedFrame.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import { act, type Chance, chanceOf, type Device, run } from "./chaosDevice.ts"
import { check } from "./chaosLaws.ts"
import { makeServer } from "./chaosServer.ts"
import { type Fate, goodFate, type Line, makeNetwork } from "./MemoryNetwork.ts"

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

export const story = Effect.fnUntraced(function*(seed: number) {
  const chance = chanceOf(seed)
  let wild = false
  const server = yield* makeServer(settingsOf(seed), seed % diskEvery === 0)
  const network = yield* makeNetwork(() => wild ? fateOf(chance) : goodFate, server.actor)
  const lines = { url: "ws://memory/ws", transport: network.transport }
  const makeDevice = (user: string, name?: string) =>
    run({ user: UserId.make(user), name, outbox: memoryOutbox(), runs: [], said: new Map() }, lines)
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
      devices[index] = yield* run(device, lines)
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
  yield* check(devices, GroupId.make(group), Context.get(server.now(), MessageStore))
  for (const device of devices) yield* Scope.close(device.scope, Exit.void)
})
