/** One seed, one story: three servers, people who talk, and one fault after the other; and then all laws must hold. */
import { assert } from "@effect/vitest"
import { Effect, Ref, Schedule } from "effect"
import { act, type Chance, chanceOf } from "./chaosDevice.ts"
import { strike } from "./clusterFaults.ts"
import { isReady } from "./clusterPeople.ts"
import { eventually } from "./eventually.ts"
import { House } from "./house.ts"
import { open, type TestClient } from "./TestClient.ts"

/** How long things go wrong. */
const chaosMillis = 9_000
const actsPerSecond = 120

/** Dora comes again and again as one device, to whatever server, and never leaves by herself. */
const doras = Effect.fnUntraced(function*(house: House["Service"], came: Array<TestClient>) {
  const come = Effect.suspend(() => {
    const node = house.cluster.next()
    return node === undefined
      ? Effect.void
      : Effect.ignore(Effect.map(
        open({ port: node.port, user: "dora", device: "phone", level: "v1" }),
        (client) => void came.push(client)
      )).pipe(Effect.ignoreCause)
  })
  yield* Effect.forkScoped(Effect.repeat(come, Schedule.spaced("700 millis")))
})

const isOpen = ({ ws }: TestClient) => ws.readyState === ws.OPEN

/** A connection of which neither end knows that it is dead ends by the heartbeat; the rest is one device. */
const oneSurvivor = (came: ReadonlyArray<TestClient>) => eventually(Effect.sync(() => came.filter(isOpen).length <= 1))

/** What has happened so far, also where the story breaks off. */
export interface Told {
  /** Faults by name. */
  readonly struck: Map<string, number>
  /** The laws that were found to hold; the next one is the broken one. */
  readonly held: Array<string>
  accepted: number
}

export const story = Effect.fnUntraced(function*(seed: number, told: Told) {
  const { held, struck } = told
  const house = yield* House
  const { cluster, group, laws, people } = house
  const chance = chanceOf(seed)
  const came: Array<TestClient> = []
  for (const { door } of people) door.pin(undefined)
  yield* Effect.scoped(Effect.gen(function*() {
    const acts = yield* Ref.make(0)
    yield* doras(house, came)
    const talk = Effect.flatMap(
      Ref.getAndUpdate(acts, (n) => n + 1),
      (n) => act(people[n % people.length]!, group, chance, seed * 1_000_000 + n)
    )
    // Not for as long as the last trouble takes: what was said has its time, too, at the pace that a client may have.
    const talking = Effect.repeat(talk, Schedule.fixed(Math.round(1_000 / actsPerSecond)))
    yield* Effect.forkScoped(Effect.timeoutOption(talking, chaosMillis))
    const until = performance.now() + chaosMillis
    const busy = new Set<string>()
    // What happens does not hang on how much is said before.
    const trouble = (troubles: Chance) =>
      Effect.gen(function*() {
        while (performance.now() < until) {
          yield* Effect.sleep(Math.round(troubles() * 600))
          const name = yield* strike({ cluster, people, chance: troubles }, busy)
          if (name !== undefined) struck.set(name, (struck.get(name) ?? 0) + 1)
        }
      })
    yield* Effect.all([trouble(chanceOf(-2 * seed)), trouble(chanceOf(-2 * seed - 1))], { concurrency: 2 })
    for (const node of cluster.nodes) assert.isTrue(node.isRunning, node.name)
    for (const { links } of cluster.nodes) {
      for (const proxy of [links.bus, links.store]) proxy.pass()
    }
    yield* oneSurvivor(came)
  }))
  for (const person of people) yield* isReady(person)
  held.push("of one device's connections one is left, and every client is back")
  told.accepted = people.reduce((sum, { runs }) => sum + runs.reduce((n, { answers }) => n + answers.length, 0), 0)
  for (const [name, law] of laws) {
    yield* law
    held.push(name)
  }
})
