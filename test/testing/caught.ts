/** Tests of a kit: what is whole keeps its laws, and for each law there is a mutant that it catches. */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Layer, type Scope } from "effect"
import type { Mutant, Mutants, Services } from "./mutants/Mutant.ts"

/** A case that stumbles over a mutant has said nothing of its law. */
const noOf = (exit: Exit.Exit<unknown, unknown>): void => {
  if (Exit.isSuccess(exit)) return assert.fail("the mutant was not caught")
  const why = Cause.squash(exit.cause)
  assert.notInstanceOf(why, TypeError)
  assert.notInstanceOf(why, ReferenceError)
}

interface Laws<M> {
  readonly laws: ReadonlyArray<string>
  readonly mutants: Readonly<Record<string, M>>
  /** Runs the case of that law alone, against the mutant, or against what is whole. */
  readonly run: (law: string, mutant: M | undefined) => Effect.Effect<void, unknown, Scope.Scope>
  /** By the clock of the machine. */
  readonly live?: boolean
}

export const catches = <M>(title: string, { laws, live = false, mutants, run }: Laws<M>) =>
  describe(title, () => {
    const test = live ? it.live : it.effect
    for (const law of laws) {
      test(`catches who breaks: ${law}`, () =>
        Effect.gen(function*() {
          assert.property(mutants, law, "no mutant breaks this law, so nobody knows whether its case can fail")
          yield* Effect.scoped(run(law, undefined))
          noOf(yield* Effect.exit(Effect.scoped(run(law, mutants[law]))))
        }))
    }

    it("has a case for each law that is broken here", () => {
      assert.sameMembers(Object.keys(mutants), [...laws])
    })
  })

export interface Case {
  readonly name: string
  // Whatever it needs is in the services.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly effect: Effect.Effect<void, unknown, any>
}

/** Of cases that need services: each has its own. */
export const kit = <E>(
  title: string,
  cases: ReadonlyArray<Case>,
  mutants: Mutants,
  // oxlint-disable-next-line typescript/no-explicit-any
  services: Layer.Layer<any, E>,
  live = false
) =>
  catches<Mutant>(title, {
    laws: cases.map(({ name }) => name),
    mutants,
    live,
    run: Effect.fnUntraced(function*(law, mutant = (whole) => whole) {
      const whole: Services = yield* Layer.build(Layer.fresh(services))
      yield* Effect.provide(cases.find(({ name }) => name === law)!.effect, mutant(whole))
    })
  })
