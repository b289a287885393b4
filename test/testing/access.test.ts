/** One contract, every authenticator and every policy; and each law is one that can be broken. */
import { describe, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { createLocalJWKSet, exportJWK, generateKeyPair, type JWTPayload, type JWTVerifyGetKey, SignJWT } from "jose"
import { createPublicKey } from "node:crypto"
import { authenticator, policy } from "../../examples/custom-auth/main.ts"
import { Authenticator } from "../../src/services/access/Authenticator.ts"
import { allowAll, Authorization, type AuthorizationPolicy } from "../../src/services/access/Authorization.ts"
import * as JwtAuthenticator from "../../src/services/access/JwtAuthenticator.ts"
import * as JwtKeys from "../../src/services/access/JwtKeys.ts"
import {
  authenticatorContract,
  type AuthenticatorUnderTest,
  authorizationContract,
  type AuthorizationUnderTest
} from "../../src/testing/index.ts"
import { catches } from "./caught.ts"
import { authenticatorMutants, authorizationMutants, type PolicyMutant } from "./mutants/access.ts"
import type { Mutant } from "./mutants/Mutant.ts"

const secret = "0123456789abcdef0123456789abcdef"
const [issuer, audience] = ["https://id.example.com", "chat"]

type Signer = (payload: JWTPayload) => Promise<string>

const signer = (alg: string, key: CryptoKey | Uint8Array): Signer => (payload) =>
  new SignJWT({ iss: issuer, aud: audience, exp: 3_600, ...payload }).setProtectedHeader({ alg, kid: "k" }).sign(key)

const shown = (token: string) => ({ shown: { headers: { authorization: `Bearer ${token}` } }, token })

const goodFor = (user: string, token: string) => ({ user, ...shown(token), expiresAt: 3_600_000 })

/** What tokens of this signer are to an authenticator that knows its key. */
const tokens = async (sign: Signer, stranger: Signer) => ({
  good: await Promise.all(
    ["alice", "auth0|bob"].map((user) => sign({ sub: user }).then((token) => goodFor(user, token)))
  ),
  bad: {
    "one that has expired": shown(await sign({ sub: "alice", exp: -60 })),
    "another's": shown(await stranger({ sub: "alice" })),
    "for another chat": shown(await sign({ sub: "alice", aud: "mail" })),
    "of another issuer": shown(await sign({ sub: "alice", iss: "https://other.example.com" })),
    "the operator's name": shown(await sign({ sub: "@system" })),
    "of nobody": shown(await sign({})),
    "what is cut off": shown((await sign({ sub: "alice" })).slice(0, -5))
  }
})

const jwt = (keys: Effect.Effect<JwtKeys.JwtKeys, JwtKeys.JwtConfigError>) =>
  JwtAuthenticator.layer({ keys, issuer, audience })

const [rsa, ec, other] = [
  await generateKeyPair("RS256", { extractable: true }),
  await generateKeyPair("ES256", { extractable: true }),
  await generateKeyPair("ES256", { extractable: true })
]
const bySecret = await tokens(signer("HS256", Buffer.from(secret)), signer("HS256", Buffer.from(secret.toUpperCase())))
const byKey = await tokens(signer("RS256", rsa.privateKey), signer("ES256", ec.privateKey))
const byKeySet = await tokens(signer("ES256", ec.privateKey), signer("ES256", other.privateKey))

const pem = createPublicKey({ key: await exportJWK(rsa.publicKey) as never, format: "jwk" })
  .export({ type: "spki", format: "pem" }).toString()
const keySet = createLocalJWKSet({ keys: [{ ...await exportJWK(ec.publicKey), kid: "k" }] }) as JWTVerifyGetKey

const fetched = (keys: Effect.Effect<JWTVerifyGetKey, JwtKeys.KeysUnavailable>) =>
  JwtAuthenticator.layer({ keys: JwtKeys.renewing(keys), issuer, audience })

const withKeySet: AuthenticatorUnderTest<JwtKeys.JwtConfigError> = {
  layer: fetched(Effect.succeed(keySet)),
  down: fetched(Effect.fail(new JwtKeys.KeysUnavailable({ cause: "the issuer is away" }))),
  ...byKeySet
}

const phone = (user: string) => ({ user, shown: { headers: { "phone-number": user } } })

const authenticators: Readonly<Record<string, AuthenticatorUnderTest<JwtKeys.JwtConfigError>>> = {
  "phone header": {
    layer: Authenticator.layerPhoneHeader,
    good: [phone("alice"), phone("+4915112345678")],
    bad: {
      "from elsewhere": { shown: { headers: { "phone-number": "alice" }, remoteAddress: "192.0.2.7", local: false } },
      "the operator's name": { shown: { headers: { "phone-number": "@system" } } },
      "no name": { shown: { headers: { "phone-number": "alice and bob" } } }
    }
  },
  "tokens by a secret": { layer: jwt(JwtKeys.fromSecret(secret)), ...bySecret },
  "tokens by a public key": { layer: jwt(JwtKeys.fromPublicKey(pem)), ...byKey },
  "tokens by a key set": withKeySet,
  "examples/custom-auth": {
    layer: authenticator,
    good: [
      { user: "teacher.ann", shown: { headers: { "x-session": "key-of-ann" } } },
      { user: "ben", shown: { headers: { "x-session": "key-of-ben" } } }
    ],
    bad: { guessed: { shown: { headers: { "x-session": "key-of-nobody" } } } }
  }
}

describe("Authenticator", () => {
  for (const [title, tested] of Object.entries(authenticators)) {
    describe(title, () => {
      for (const { effect, name } of authenticatorContract(tested)) it.effect(name, () => effect)
    })
  }
})

const mutated = <E>(layer: Layer.Layer<Authenticator, E>, mutant: Mutant): Layer.Layer<Authenticator, E> =>
  Layer.effect(
    Authenticator,
    Effect.map(Authenticator, (own) => Context.get(mutant(Context.make(Authenticator, own)), Authenticator))
  ).pipe(Layer.provide(layer))

const doorCases = (mutant: Mutant = (whole) => whole) =>
  authenticatorContract({
    ...withKeySet,
    layer: mutated(withKeySet.layer, mutant),
    down: mutated(withKeySet.down!, mutant)
  })

catches<Mutant>("authenticatorContract", {
  laws: doorCases().map(({ name }) => name),
  mutants: authenticatorMutants,
  run: (law, mutant) => doorCases(mutant).find(({ name }) => name === law)!.effect
})

const school: AuthorizationUnderTest = {
  policy: Effect.runSync(Effect.provide(
    Effect.gen(function*() {
      return yield* Authorization
    }),
    policy
  )),
  allowed: {
    write: [["ben", "teacher.ann"], ["teacher.ann", "ben"]],
    seePresence: [["ben", "cleo"]],
    addToGroup: [["teacher.ann", "ben"]]
  },
  denied: { write: [["ben", "cleo"]], addToGroup: [["ben", "cleo"]] }
}

/** It knows nobody, and asks nobody. */
const closed: AuthorizationPolicy = { write: () => false, seePresence: () => false, addToGroup: () => false }

const policies: Readonly<Record<string, AuthorizationUnderTest>> = {
  "examples/custom-auth": school,
  "for all": { policy: allowAll, allowed: { write: [["alice", "bob"]] }, denied: {} },
  "examples/custom-auth, while what it asks is away": { ...school, down: closed }
}

describe("Authorization", () => {
  for (const [title, tested] of Object.entries(policies)) {
    describe(title, () => {
      const cases = authorizationContract(tested)
      // Where nobody is denied anything there is nothing to say of that.
      const said = cases.filter(({ name }) => tested.denied.write !== undefined || !name.includes("may not"))
      for (const { effect, name } of said) it.effect(name, () => effect)
    })
  }
})

const policyCases = (mutant: PolicyMutant = (whole) => whole) =>
  authorizationContract({ ...school, policy: mutant(school.policy), down: mutant(closed) })

catches<PolicyMutant>("authorizationContract", {
  laws: policyCases().map(({ name }) => name),
  mutants: authorizationMutants,
  run: (law, mutant) => policyCases(mutant).find(({ name }) => name === law)!.effect
})
