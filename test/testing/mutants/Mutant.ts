/** Ways to break a law: services as they are, but for one thing. */
import { Context, Effect } from "effect"

// What a kit needs is its own affair; a mutant changes what it finds.
// oxlint-disable-next-line typescript/no-explicit-any
export type Services = Context.Context<any>
export type Mutant = (services: Services) => Services

/** By the name of the case that has to catch it. */
export type Mutants = Readonly<Record<string, Mutant>>

type Method<A extends ReadonlyArray<unknown>, B> = (...asked: A) => Effect.Effect<B, unknown, unknown>

type Asked<M> = M extends (...asked: infer A) => unknown ? A : []
type Answer<M> = M extends (...asked: infer _) => Effect.Effect<infer B, infer _E, infer _R> ? B
  : M extends Effect.Effect<infer B, infer _E, infer _R> ? B
  : never

/** How a service can be broken. */
export const breaking = <I, S extends object>(key: Context.Key<I, S>) => {
  type Name = keyof S

  const changed = (change: (service: S, services: Services) => Partial<S>): Mutant => (services) => {
    const service = Context.get(services, key)
    return Context.add(services, key, { ...service, ...change(service, services) })
  }

  /** A method, or an effect, as a method. */
  const methodOf = (service: S, name: Name): Method<ReadonlyArray<unknown>, unknown> => {
    const own: unknown = service[name]
    return Effect.isEffect(own) ? () => own : own as Method<ReadonlyArray<unknown>, unknown>
  }

  const replaced = (name: Name, make: (own: Method<ReadonlyArray<unknown>, unknown>) => unknown): Mutant =>
    changed((service) => {
      const made = make(methodOf(service, name)) as Method<ReadonlyArray<unknown>, unknown>
      // Its type is what it was: the helpers below see to that.
      return { [name]: Effect.isEffect(service[name]) ? Effect.suspend(() => made()) : made } as unknown as Partial<S>
    })

  /** Does it, and answers something else. */
  const answers = <K extends Name>(
    name: K,
    change: (answer: Answer<S[K]>, ...asked: Asked<S[K]>) => Answer<S[K]>
  ): Mutant =>
    replaced(
      name,
      (own) => (...asked: ReadonlyArray<unknown>) =>
        Effect.map(own(...asked), (answer) => change(answer as Answer<S[K]>, ...asked as Asked<S[K]>))
    )

  /** Does something else. */
  const asks = <K extends Name>(name: K, change: (...asked: Asked<S[K]>) => Asked<S[K]>): Mutant =>
    replaced(name, (own) => (...asked: ReadonlyArray<unknown>) => own(...change(...asked as Asked<S[K]>)))

  /** Answers, and does nothing. */
  const ignores = <K extends Name>(
    name: K,
    answer: Answer<S[K]>,
    when: (...asked: Asked<S[K]>) => boolean = () => true
  ): Mutant =>
    replaced(
      name,
      (own) => (...asked: ReadonlyArray<unknown>) =>
        when(...asked as Asked<S[K]>) ? Effect.succeed(answer) : own(...asked)
    )

  /** All is whole until this has been asked, in this way. */
  const since = <K extends Name>(
    name: K,
    mutant: Mutant,
    when: (...asked: Asked<S[K]>) => boolean = () => true
  ): Mutant =>
  (whole) => {
    const broken = mutant(whole)
    let isBroken = false
    const ask = (of: string, method: string, asked: ReadonlyArray<unknown>): unknown => {
      const own: unknown = (isBroken ? broken : whole).mapUnsafe.get(of)[method]
      const answer = typeof own === "function" ? own(...asked) : own
      if (of === key.key && method === name && when(...asked as Asked<S[K]>)) isBroken = true
      return answer
    }
    const either = Array.from(whole.mapUnsafe, ([of, service]) =>
      [
        of,
        Object.fromEntries(
          Object.entries(service as object).map(([method, own]) => [
            method,
            typeof own === "function"
              ? (...asked: ReadonlyArray<unknown>) => ask(of, method, asked)
              : Effect.isEffect(own)
              ? Effect.suspend(() => ask(of, method, []) as Effect.Effect<unknown>)
              : own
          ])
        )
      ] as const)
    return Context.makeUnsafe(new Map(either))
  }

  return { changed, answers, asks, ignores, since }
}

/** Both. */
export const both = (one: Mutant, other: Mutant): Mutant => (services) => other(one(services))
