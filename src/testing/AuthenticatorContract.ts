/**
 * What an `Authenticator` has to do, as a list of named effects, like `messageStoreContract`, for what you say of it: what
 * somebody shows who is let in, and what others show who are not. Run each with the test framework of your choice.
 */
import { Clock, Effect, type Layer, Schema } from "effect"
import assert from "node:assert/strict"
import { defaultDevice, DeviceId, UserId } from "../domain/Ids.ts"
import { Authenticator, ClaimedProfile, type Grant, type Identity, Refused } from "../services/access/Authenticator.ts"
import { inTime } from "./access/inTime.ts"
import { oddValues, requestOf, secretsOf, type Shown, withDevice, withValue } from "./access/requests.ts"

export type { Shown } from "./access/requests.ts"

export interface AuthenticatorUnderTest<E = never, R = never> {
  readonly layer: Layer.Layer<Authenticator, E, R>
  /** What at least two different users show. With a `token` where `verify` knows one; `expiresAt` where it ends. */
  readonly good: ReadonlyArray<
    { readonly user: string; readonly shown: Shown; readonly token?: string; readonly expiresAt?: number }
  >
  /** What nobody is let in with: forged, of others, withdrawn, or what has expired. */
  readonly bad: Readonly<Record<string, { readonly shown: Shown; readonly token?: string }>>
  /** The same, and what it asks does not answer or fails. Without it nothing is said about that. */
  readonly down?: Layer.Layer<Authenticator, E, R>
}

export interface AuthenticatorCase<E = never, R = never> {
  readonly name: string
  readonly effect: Effect.Effect<void, E, R>
}

const IdentitySchema = Schema.Struct({
  user: UserId,
  device: DeviceId,
  named: Schema.Boolean,
  expiresAt: Schema.optionalKey(Schema.Int),
  tokenId: Schema.optionalKey(Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(256))),
  profile: Schema.optionalKey(ClaimedProfile)
})

const isIdentity = Schema.is(IdentitySchema)

/** Longer than a handshake may take. */
const patience = 10_000

type Service = Authenticator["Service"]

/** Who they are, or the refusal; anything else is a fault. */
const answerTo = (asked: Effect.Effect<Identity, Refused>): Effect.Effect<Identity | Refused> =>
  inTime(Effect.match(asked, { onFailure: (refused) => refused, onSuccess: (identity) => identity }), patience)

const isRefused = (answer: Identity | Grant | Refused): answer is Refused => answer instanceof Refused

const refusalOf = (answer: Identity | Grant | Refused, what: string): Refused =>
  isRefused(answer) ? answer : assert.fail(`${what} was let in as ${answer.user}`)

const isNo = ({ status }: Refused, what: string) =>
  assert.ok(status === 401 || status === 403, `${what} is refused with ${status}`)

const authenticate = (authenticator: Service, shown: Shown) => answerTo(authenticator.authenticate(requestOf(shown)))

const identityOf = Effect.fnUntraced(function*(authenticator: Service, shown: Shown) {
  const answer = yield* authenticate(authenticator, shown)
  return isRefused(answer) ? assert.fail(`who is good is refused: ${answer.message}`) : answer
})

type Of<E, R> = (name: string, body: (authenticator: Service) => Effect.fn.Return<void>) => AuthenticatorCase<E, R>

const casesOf = <E, R>(layer: Layer.Layer<Authenticator, E, R>): Of<E, R> => (name, body) => ({
  name,
  effect: Effect.gen(function*() {
    yield* body(yield* Authenticator)
  }).pipe(Effect.provide(layer))
})

type Said = Pick<AuthenticatorUnderTest, "good" | "bad">

const letIn = <E, R>({ good }: Said, of: Of<E, R>): ReadonlyArray<AuthenticatorCase<E, R>> => [
  of("who shows what is good is who they are, again and again, and many at once", function*(authenticator) {
    assert.ok(new Set(good.map(({ user }) => user)).size > 1, "say what at least two users show")
    const asked = [...good, ...good.toReversed(), ...good]
    const users = yield* Effect.forEach(asked, ({ shown }) => identityOf(authenticator, shown), {
      concurrency: "unbounded"
    })
    assert.deepEqual(users.map(({ user }) => user), asked.map(({ user }) => user))
  }),

  of("P8 whoever is let in has a name that is one, and never that of the operator", function*(authenticator) {
    for (const { shown } of good) {
      const identity = yield* identityOf(authenticator, shown)
      assert.ok(isIdentity(identity), `this is no identity: ${JSON.stringify(identity)}`)
    }
  }),

  of("the device is the one that the client names, or the default one", function*(authenticator) {
    const [{ shown } = assert.fail("say what somebody shows")] = good
    const devices = [withDevice(shown, undefined), withDevice(shown, "phone-2")]
    const found = yield* Effect.forEach(devices, (each) => identityOf(authenticator, each))
    assert.deepEqual(found.map(({ device, named }) => [device, named]), [[defaultDevice, false], ["phone-2", true]])
    const refused = refusalOf(yield* authenticate(authenticator, withDevice(shown, "a device")), "a bad device")
    assert.equal(refused.status, 400)
  }),

  of("what ends says when, in milliseconds, and has not ended", function*(authenticator) {
    const now = yield* Clock.currentTimeMillis
    for (const { expiresAt, shown, user } of good) {
      const identity = yield* identityOf(authenticator, shown)
      assert.equal(identity.expiresAt, expiresAt, user)
      assert.ok(expiresAt === undefined || expiresAt > now, `${user} has expired`)
    }
  })
]

const keptOut = <E, R>({ bad, good }: Said, of: Of<E, R>): ReadonlyArray<AuthenticatorCase<E, R>> => [
  of("P8 who shows nothing is refused with 401", function*(authenticator) {
    assert.equal(refusalOf(yield* authenticate(authenticator, {}), "who shows nothing").status, 401)
  }),

  of("P8 what is bad lets nobody in, and is refused with 401 or 403", function*(authenticator) {
    assert.ok(Object.keys(bad).length > 0, "say what is bad")
    for (const [what, { shown }] of Object.entries(bad)) {
      isNo(refusalOf(yield* authenticate(authenticator, shown), what), what)
    }
  }),

  of("P9 whatever is shown is answered: a refusal, or a name that is one", function*(authenticator) {
    for (const { shown } of good) {
      for (const odd of oddValues.flatMap((value) => withValue(shown, value))) {
        const answer = yield* authenticate(authenticator, odd)
        const what = `${JSON.stringify(odd).slice(0, 200)} is answered with ${JSON.stringify(answer).slice(0, 200)}`
        assert.ok(isRefused(answer) ? [400, 401, 403, 413].includes(answer.status) : isIdentity(answer), what)
      }
    }
  }),

  of("P8 a refusal is one sentence for whoever tries, and tells nothing of what was shown", function*(authenticator) {
    for (const [what, { shown }] of Object.entries(bad)) {
      const { message } = refusalOf(yield* authenticate(authenticator, shown), what)
      assert.match(message, /^[^\n\r]{1,300}$/u, what)
      for (const secret of secretsOf(shown)) assert.ok(!message.includes(secret), `${what}: it says ${secret}`)
    }
  })
]

const refreshing = <E, R>({ bad, good }: Said, of: Of<E, R>): AuthenticatorCase<E, R> =>
  of(
    "P8 a token that refreshes is its user's and ends when it says, and one that is bad refreshes nothing",
    function*({ verify }) {
      if (verify === undefined) return assert.fail("it knows tokens, and has no verify")
      const granted = (token: string) =>
        inTime(Effect.match(verify(token), { onFailure: (no) => no, onSuccess: (grant) => grant }), patience)
      for (const { expiresAt, token, user } of good) {
        if (token === undefined) continue
        const grant = yield* granted(token)
        if (isRefused(grant)) return assert.fail(grant.message)
        assert.deepEqual([grant.user, grant.expiresAt], [user, expiresAt])
      }
      for (const [what, { token }] of Object.entries(bad)) {
        if (token !== undefined) isNo(refusalOf(yield* granted(token), what), what)
      }
      for (const value of oddValues) isNo(refusalOf(yield* granted(value), "an odd token"), "an odd token")
    }
  )

const away = <E, R>({ good }: Said, of: Of<E, R>): AuthenticatorCase<E, R> =>
  of(
    "while what it asks is away it is 503 with a time to wait, in time, and nobody is refused for it",
    function*(authenticator) {
      for (const { shown, user } of good) {
        const refused = refusalOf(yield* authenticate(authenticator, shown), user)
        assert.equal(refused.status, 503, refused.message)
        assert.ok((refused.retryAfterSeconds ?? 0) > 0, "it says when to try again")
        for (const secret of secretsOf(shown)) assert.ok(!refused.message.includes(secret), `it says ${secret}`)
      }
    }
  )

export const authenticatorContract = <E, R>(
  { down, layer, ...said }: AuthenticatorUnderTest<E, R>
): ReadonlyArray<AuthenticatorCase<E, R>> => {
  const of = casesOf(layer)
  return [
    ...letIn(said, of),
    ...keptOut(said, of),
    ...(said.good.some(({ token }) => token !== undefined) ? [refreshing(said, of)] : []),
    ...(down === undefined ? [] : [away(said, casesOf(down))])
  ]
}
