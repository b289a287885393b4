/**
 * Signing in with an OpenID Connect provider: its document says where its keys are, with which its tokens are checked, and
 * where the page sends people. Fetched until it comes, and again with the keys, because a provider may move them.
 */
import { Context, Effect, Layer, Schema, type Scope } from "effect"
import { isHttps } from "../kernel/addresses.ts"
import type { Authenticator } from "./Authenticator.ts"
import * as JwtAuthenticator from "./JwtAuthenticator.ts"
import * as JwtKeys from "./JwtKeys.ts"
import { address, type Endpoints, endpoints } from "./openIdEndpoints.ts"

export interface OpenIdOptions {
  /** As it calls itself, an address with https. */
  readonly issuer: string
  /** Of a public client, whose redirect URI is the address of the page. */
  readonly clientId: string
  /** What is asked for, `openid` among it. */
  readonly scope: string
}

const Discovery = Schema.Struct({
  ...endpoints,
  jwks_uri: address,
  scopes_supported: Schema.optionalKey(Schema.Array(Schema.String))
})
export type Discovery = typeof Discovery.Type

const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(Discovery))

/** What the provider says of itself. */
export const discover = Effect.fn("OpenIdProvider.discover")(function*(issuer: string) {
  const url = new URL(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`)
  const text = yield* JwtKeys.fetchText(url)
  const found = yield* decode(text).pipe(
    Effect.mapError((error) =>
      new JwtKeys.KeysUnavailable({ cause: `${url.host} answers no such document: ${error.message}` })
    )
  )
  if (found.issuer !== issuer) {
    return yield* new JwtKeys.KeysUnavailable({
      cause: `the issuer calls itself ${found.issuer}; give --oidc-issuer that`
    })
  }
  return found
})

export interface OpenIdProvider extends OpenIdOptions {
  readonly keys: JwtKeys.JwtKeys
  /** `undefined` until the provider has answered. */
  readonly known: () => Endpoints | undefined
  /** With `offline_access` where the provider offers it: so tokens are renewed. */
  readonly asked: () => string
  /** Asks until it has answered. */
  readonly watch: Effect.Effect<void>
}

const longestWait = 60_000
const firstWait = 5_000

const endpointsOf = ({ jwks_uri: _, scopes_supported: __, ...known }: Discovery): Endpoints => known

const make = Effect.fnUntraced(function*(
  { clientId, issuer, scope }: OpenIdOptions
): Effect.fn.Return<OpenIdProvider, JwtKeys.JwtConfigError, Scope.Scope> {
  if (!URL.canParse(issuer) || !isHttps(new URL(issuer)) || /[?#]/.test(issuer)) {
    return yield* new JwtKeys.JwtConfigError({
      message: "Give --oidc-issuer the address of the provider, with https; only loopback may do without."
    })
  }
  let found: Discovery | undefined
  const fetch = Effect.gen(function*() {
    const discovered = yield* discover(issuer)
    const keys = yield* JwtKeys.fetchKeys(new URL(discovered.jwks_uri))
    found = discovered
    return keys
  })
  const keys = yield* JwtKeys.renewing(fetch)
  const offline = "offline_access"
  const known = () => found === undefined ? undefined : endpointsOf(found)
  return {
    issuer,
    clientId,
    scope,
    keys,
    known,
    asked: () =>
      found?.scopes_supported?.includes(offline) === true && !scope.split(" ").includes(offline)
        ? `${scope} ${offline}`
        : scope,
    watch: Effect.gen(function*() {
      for (let wait = firstWait; known() === undefined; wait = Math.min(2 * wait, longestWait)) {
        yield* Effect.ignore(keys.get)
        if (known() === undefined) yield* Effect.sleep(wait)
      }
    })
  }
})

/** Where the page sends people to sign in; nowhere by default. */
export const SignInProvider = Context.Reference<OpenIdProvider | undefined>(
  "switchboard/services/access/OpenIdProvider",
  { defaultValue: () => undefined }
)

/** Lets in whom the provider's ID tokens name, and tells the page where to get them. Fails with one sentence. */
export const layer = (
  options: OpenIdOptions & Pick<JwtAuthenticator.JwtOptions, "userClaim">
): Layer.Layer<Authenticator, JwtKeys.JwtConfigError> =>
  Layer.unwrap(
    Effect.map(make(options), (provider) =>
      JwtAuthenticator.layer({
        keys: Effect.succeed(provider.keys),
        issuer: options.issuer,
        audience: options.clientId,
        ...(options.userClaim === undefined ? undefined : { userClaim: options.userClaim })
      }).pipe(Layer.provideMerge(Layer.succeed(SignInProvider, provider))))
  )

/** Asks the provider before anybody comes, and until it answers. */
export const layerWatch = Layer.effectDiscard(
  Effect.gen(function*() {
    const provider = yield* SignInProvider
    if (provider !== undefined) yield* Effect.forkScoped(provider.watch)
  })
)
