/** A part of a store that answers in time, whichever store it is of. */
import { Effect } from "effect"
import { inTime } from "../kernel/inTime.ts"
import type { Asking } from "./asking.ts"
import type { StoreError } from "./MessageStore.ts"
import { noAnswer } from "./StoreHealth.ts"
import type { Subscriptions } from "./Subscriptions.ts"

type Answer = Effect.Effect<unknown, StoreError>
type Question = (...args: ReadonlyArray<never>) => Answer

/** What a service has: a store of somebody's own may be an object of a class, whose methods no loop over it sees. */
const namesOf = (service: object): ReadonlySet<string> => {
  const names = new Set<string>()
  for (let at = service; at !== Object.prototype && at !== null; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name)
  }
  names.delete("constructor")
  return names
}

/** What nobody waits for, or has a bound of its own. */
type Unbounded<S> = ReadonlyArray<keyof S & string>

/** All that can be asked of a service is asked in time, but for what is named. */
export const bounded = <S extends object>({ ask, asked }: Asking, service: S, unbounded: Unbounded<S> = []): S => {
  const free = new Set<string>(unbounded)
  // By name, every service is the same: questions with an answer, answers, and what is neither.
  const parts = service as Readonly<Record<string, unknown>>
  const part = (name: string): unknown => {
    const found = parts[name]
    if (Effect.isEffect(found)) {
      const answer = Effect.suspend(() => parts[name] as Answer)
      return free.has(name) ? answer : ask(answer)
    }
    if (typeof found !== "function") return found
    const question: Question = (...args) => (parts[name] as Question)(...args)
    return free.has(name) ? question : asked(question)
  }
  return Object.fromEntries(Array.from(namesOf(service), (name) => [name, part(name)])) as S
}

/** Long enough for the positions of a very large store to be noted, in milliseconds; what was cut short is made whole. */
const openMillis = 60_000

export const boundedSubscriptions = (
  asking: Asking,
  subscriptions: Subscriptions["Service"]
): Subscriptions["Service"] => ({
  ...bounded(asking, subscriptions, ["open"]),
  open: (name, from) =>
    inTime(Effect.suspend(() => subscriptions.open(name, from)), {
      millis: openMillis,
      late: () => Effect.fail(noAnswer())
    })
})
