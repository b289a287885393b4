/** Authenticators that let in whom they should not, or say too much; and policies that do not mean what they say. */
import { Effect } from "effect"
import { defaultDevice, type UserId } from "../../../src/domain/Ids.ts"
import { Authenticator, type ConnectRequest, Refused } from "../../../src/services/access/Authenticator.ts"
import type { AuthorizationPolicy } from "../../../src/services/access/Authorization.ts"
import { breaking, type Mutants } from "./Mutant.ts"

const door = breaking(Authenticator)

const alice = { user: "alice" as UserId, device: defaultDevice, named: false }

const refuses = (change: (refused: Refused, request: ConnectRequest) => Refused) =>
  door.changed(({ authenticate }) => ({
    authenticate: (request) => Effect.mapError(authenticate(request), (refused) => change(refused, request))
  }))

const isBare = ({ headers }: ConnectRequest): boolean => Object.keys(headers).length === 0

export const authenticatorMutants: Mutants = {
  // It remembers the first, and not of whom it was.
  "who shows what is good is who they are, again and again, and many at once": (services) => {
    let first: UserId | undefined
    return door.answers("authenticate", (identity) => ({ ...identity, user: first ??= identity.user }))(services)
  },
  "P8 whoever is let in has a name that is one, and never that of the operator": door.answers(
    "authenticate",
    (identity) => ({ ...identity, user: "@system" as UserId })
  ),
  "the device is the one that the client names, or the default one": door.answers("authenticate", (identity) => ({
    ...identity,
    device: defaultDevice,
    named: false
  })),
  "P8 who shows nothing is refused with 401": door.ignores("authenticate", alice, isBare),
  "P8 what is bad lets nobody in, and is refused with 401 or 403": door.changed(({ authenticate }) => ({
    authenticate: (request) =>
      isBare(request) ? authenticate(request) : Effect.orElseSucceed(authenticate(request), () => alice)
  })),
  "P9 whatever is shown is answered: a refusal, or a name that is one": door.changed(({ authenticate }) => ({
    authenticate: (request) =>
      Object.values(request.headers).some((value) => typeof value === "object")
        ? Effect.die(new Error("That is no text."))
        : authenticate(request)
  })),
  "P8 a refusal is one sentence for whoever tries, and tells nothing of what was shown": refuses(
    ({ status }, { headers }) => new Refused({ status, message: `This is no good: ${Object.values(headers).join()}.` })
  ),
  "what ends says when, in milliseconds, and has not ended": door.answers(
    "authenticate",
    ({ expiresAt = 0, ...identity }) => ({ ...identity, expiresAt: expiresAt / 1_000 })
  ),
  "P8 a token that refreshes is its user's and ends when it says, and one that is bad refreshes nothing": door.changed(
    ({ verify }) => ({ verify: (token) => Effect.map(verify!(token), (grant) => ({ ...grant, user: alice.user })) })
  ),
  "while what it asks is away it is 503 with a time to wait, in time, and nobody is refused for it": refuses(
    ({ message }) => new Refused({ status: 401, message })
  )
}

export type PolicyMutant = (policy: AuthorizationPolicy) => AuthorizationPolicy

export const authorizationMutants: Readonly<Record<string, PolicyMutant>> = {
  "whoever may is let, for each verb": (policy) => ({ ...policy, addToGroup: () => false }),
  "P8 whoever may not is not, for each verb": (policy) => ({ ...policy, addToGroup: () => true }),
  "it answers the same again, and many at once": (policy) => {
    let asked = 0
    return { ...policy, write: (from, to) => asked++ < 4 && policy.write(from, to) }
  },
  "P9 of whomever it is asked, it answers yes or no, in time": (policy) => ({
    ...policy,
    write: (from, to) => from in {} ? (undefined as unknown as boolean) : policy.write(from, to)
  }),
  "P8 while what it asks is away it answers no, and does not fail": (policy) => ({
    ...policy,
    seePresence: () => Effect.die(new Error("It is away."))
  })
}
