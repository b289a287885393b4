/**
 * What an `Authorization` has to do, as a list of named effects, like `messageStoreContract`, for what you say of it: whom
 * it lets do what, and whom not. Run each with the test framework of your choice.
 */
import { Effect } from "effect"
import assert from "node:assert/strict"
import { UserId } from "../domain/Ids.ts"
import { type AuthorizationPolicy, decideMillis, type Decision } from "../services/access/Authorization.ts"
import { inTime } from "./access/inTime.ts"

/** `from` and `to`, `watcher` and `user`, or `by` and `user`. */
type Pair = readonly [string, string]
type Verb = keyof AuthorizationPolicy
type Pairs = Partial<Readonly<Record<Verb, ReadonlyArray<Pair>>>>

export interface AuthorizationUnderTest {
  readonly policy: AuthorizationPolicy
  readonly allowed: Pairs
  readonly denied: Pairs
  /** The same, and what it asks does not answer or fails. Without it nothing is said about that. */
  readonly down?: AuthorizationPolicy
}

export interface AuthorizationCase {
  readonly name: string
  readonly effect: Effect.Effect<void>
}

const verbs: ReadonlyArray<Verb> = ["write", "seePresence", "addToGroup"]

/** Users that a policy may never have heard of. */
const strangers = ["constructor", "hasOwnProperty", "x".repeat(128), "auth0|1", "f:1:a/b", "-_", "a%2Fb"]

const pairsOf = (pairs: Pairs, may: boolean) =>
  verbs.flatMap((verb) => (pairs[verb] ?? []).map((pair) => ({ verb, pair, may })))

const users = ([from, to]: Pair) => [UserId.make(from), UserId.make(to)] as const

const decided = (decision: Decision): Effect.Effect<boolean> =>
  Effect.isEffect(decision) ? inTime(decision, decideMillis) : Effect.succeed(decision)

const ask = (policy: AuthorizationPolicy, verb: Verb, pair: Pair): Effect.Effect<boolean> =>
  Effect.suspend(() => decided(policy[verb](...users(pair))))

export const authorizationContract = (
  { allowed, denied, down, policy }: AuthorizationUnderTest
): ReadonlyArray<AuthorizationCase> => {
  const all = [...pairsOf(allowed, true), ...pairsOf(denied, false)]

  const of = (name: string, body: () => Effect.fn.Return<void>): AuthorizationCase => ({
    name,
    effect: Effect.gen(body)
  })

  return [
    of("whoever may is let, for each verb", function*() {
      for (const { may, pair, verb } of all.filter(({ may }) => may)) {
        assert.equal(yield* ask(policy, verb, pair), may, `${pair[0]} ${verb} ${pair[1]}`)
      }
    }),

    of("P8 whoever may not is not, for each verb", function*() {
      assert.ok(all.some(({ may }) => !may), "say who may not do what")
      for (const { may, pair, verb } of all.filter(({ may }) => !may)) {
        assert.equal(yield* ask(policy, verb, pair), may, `${pair[0]} ${verb} ${pair[1]}`)
      }
    }),

    of("it answers the same again, and many at once", function*() {
      const asked = [...all, ...all.toReversed(), ...all]
      const answers = yield* Effect.forEach(asked, ({ pair, verb }) => ask(policy, verb, pair), {
        concurrency: "unbounded"
      })
      assert.deepEqual(answers, asked.map(({ may }) => may))
    }),

    of("P9 of whomever it is asked, it answers yes or no, in time", function*() {
      for (const verb of verbs) {
        for (const stranger of strangers) {
          for (const pair of [[stranger, "alice"], ["alice", stranger], [stranger, stranger]] as const) {
            const answer: unknown = yield* ask(policy, verb, pair)
            assert.equal(typeof answer, "boolean", `${pair[0]} ${verb} ${pair[1]}`)
          }
        }
      }
    }),

    ...down === undefined ? [] : [
      of("P8 while what it asks is away it answers no, and does not fail", function*() {
        for (const { pair, verb } of all) {
          assert.equal(yield* ask(down, verb, pair), false, `${pair[0]} ${verb} ${pair[1]}`)
        }
      })
    ]
  ]
}
