/** People on devices, who say something at random; and each device's own account of what it was told. */
import { Effect, Scope, Stream } from "effect"
import { ChatClient, type ChatClientService } from "../../src/client/ChatClient.ts"
import type { OutboxStorage } from "../../src/client/OutboxStorage.ts"
import { Transport, type TransportService } from "../../src/client/Transport.ts"
import type { ChatEvent, LogEvent, PendingMessage } from "../../src/client/types.ts"
import * as Conversation from "../../src/domain/Conversation.ts"
import { UserId } from "../../src/domain/Ids.ts"

export type Chance = () => number

/** A small generator (mulberry32), so that a seed is the same story everywhere. */
export const chanceOf = (seed: number): Chance => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const isLogEvent = (event: { readonly type: string }): event is LogEvent => "seq" in event

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

export interface Said {
  readonly conversation: string
  readonly seq: number
}

export interface Lines {
  readonly url: string
  readonly transport: TransportService
}

/** What this device is told and answered, until its next run. */
export const run = Effect.fnUntraced(function*(
  device: Omit<Device, "client" | "scope">,
  { transport, url }: Lines,
  heard: (event: ChatEvent) => void = () => {}
) {
  const scope = yield* Scope.make()
  const current = { events: [] as Array<LogEvent>, answers: [] as Array<Said> }
  device.runs.push(current)
  const client = yield* ChatClient.make({
    url,
    credentials: { _tag: "PhoneNumber", user: device.user },
    outbox: device.outbox,
    ...(device.name === undefined ? undefined : { device: device.name })
  }).pipe(Effect.provideService(Transport, transport), Scope.provide(scope))
  yield* Stream.runForEach(client.events, (event) =>
    Effect.sync(() => {
      heard(event)
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
export const act = Effect.fnUntraced(function*(device: Device, group: string, chance: Chance, n: number) {
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
