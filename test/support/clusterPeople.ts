/** People with the typed client, who come to servers through doors of their own; and how long others wait for their words. */
import { Effect, Schedule } from "effect"
import { nodeTransport } from "../../src/client/node.ts"
import { memoryOutbox } from "../../src/client/OutboxStorage.ts"
import type { ChatEvent, LiveEvent } from "../../src/client/types.ts"
import * as Conversation from "../../src/domain/Conversation.ts"
import { UserId } from "../../src/domain/Ids.ts"
import { type Device, run } from "./chaosDevice.ts"
import { type ClusterProcesses, type Door, doorOf, type NodePlace } from "./clusterProcesses.ts"
import { eventually } from "./eventually.ts"

export interface Person extends Device {
  readonly door: Door
  /** What is never stored, in the order in which it came. */
  readonly live: Array<LiveEvent>
}

const isLive = (event: ChatEvent): event is LiveEvent =>
  event.type === "receipt" || event.type === "presence" || event.type === "typing" || event.type === "auth_expiring"

/** When each text was said and how long it took to come to others, in milliseconds of this process's clock. */
export class Lags {
  readonly #saidAt = new Map<string, number>()
  #lags: Array<number> = []

  said(text: string): void {
    this.#saidAt.set(text, performance.now())
  }

  heard(event: ChatEvent): void {
    if (event.type !== "incoming_message") return
    const at = this.#saidAt.get(event.text)
    if (at !== undefined) this.#lags.push(performance.now() - at)
  }

  /** Of what came since the last time. */
  take(): { readonly count: number; readonly p50: number; readonly p99: number; readonly max: number } {
    const lags = this.#lags.sort((a, b) => a - b)
    this.#lags = []
    const at = (share: number) => Math.round(lags[Math.min(lags.length - 1, Math.floor(share * lags.length))] ?? 0)
    return { count: lags.length, p50: at(0.5), p99: at(0.99), max: at(1) }
  }
}

type To = { readonly recipient: string } | { readonly group: string }

interface PersonOptions {
  readonly user: string
  readonly device?: string
  /** Where they are; otherwise with whoever takes them. */
  readonly at?: NodePlace
}

export const peopleOf = (cluster: ClusterProcesses) => {
  const lags = new Lags()
  let spoken = 0

  // `run` gives back the device with its client and its scope, which is a `Person` then; its type says only a device.
  const begin = (device: Omit<Person, "client" | "scope">) =>
    run(device, { url: device.door.url, transport: nodeTransport }, (event) => {
      lags.heard(event)
      if (isLive(event)) device.live.push(event)
    }) as unknown as Effect.Effect<Person>

  const come = Effect.fnUntraced(function*({ at, device, user }: PersonOptions) {
    const person = yield* begin({
      user: UserId.make(user),
      name: device,
      outbox: memoryOutbox(),
      runs: [],
      said: new Map(),
      live: [],
      door: yield* doorOf(cluster, at)
    })
    yield* Effect.addFinalizer(() => person.client.close)
    yield* isReady(person)
    return person
  })

  /** Says it, and waits until it is accepted. */
  const say = Effect.fnUntraced(function*(person: Person, to: To, text = `${person.user} ${spoken++}`) {
    const key = "group" in to ? `group:${to.group}` : Conversation.direct(person.user, UserId.make(to.recipient))
    person.said.set(key, [...person.said.get(key) ?? [], text])
    lags.said(text)
    return yield* person.client.send(to, text)
  })

  /** So many words a second, to one another and to the group, for as long as the fiber runs. */
  const talk = Effect.fnUntraced(function*(people: ReadonlyArray<Person>, group: string, perSecond: number) {
    let n = 0
    const one = Effect.suspend(() => {
      const person = people[n++ % people.length]!
      const others = people.filter(({ user }) => user !== person.user)
      const recipient = others[n % others.length]!.user
      return Effect.forkIn(Effect.ignore(say(person, n % 3 === 0 ? { group } : { recipient })), person.scope)
    })
    return yield* Effect.forkScoped(Effect.repeat(one, Schedule.fixed(Math.round(1_000 / perSecond))))
  })

  return { come, begin, say, talk, lags }
}

export const isReady = ({ client }: Device) =>
  eventually(Effect.map(client.currentState, ({ _tag }) => _tag === "Ready"))

/** The texts that came to this device, in order; from one person or all. */
export const textsOf = ({ runs }: Device, from?: string): ReadonlyArray<string> =>
  runs.flatMap(({ events }) =>
    events.flatMap((event) =>
      event.type === "incoming_message" && (from === undefined || event.sender === from) ? [event.text] : []
    )
  )

export const hears = (device: Device, text: string) => eventually(Effect.sync(() => textsOf(device).includes(text)))
