/** What is said to an OpenID Connect provider: the authorization code flow of a public client, with PKCE, state and nonce. */
import * as oauth from "oauth4webapi"
import { words } from "../words/index.ts"
import { type OpenId, type OpenIdEndpoints, SignInError } from "./auth.ts"
import { type Granted, hostOf, keepBegun, pageUri, takeBegun } from "./openId.ts"

const providerOf = (openId: OpenId): OpenIdEndpoints => {
  if (openId.provider === undefined) throw new SignInError(words.openId.down(hostOf(openId)))
  return openId.provider
}

/** The server takes an address without https only on loopback. */
const optionsFor = ({ token_endpoint }: OpenIdEndpoints) => ({
  [oauth.allowInsecureRequests]: token_endpoint.startsWith("http:")
})

/** As the library has it, which would add to it. */
const serverOf = (provider: OpenIdEndpoints): oauth.AuthorizationServer => {
  const { id_token_signing_alg_values_supported: algorithms, ...rest } = provider
  return {
    ...rest,
    ...(algorithms === undefined ? undefined : { id_token_signing_alg_values_supported: [...algorithms] })
  }
}

/** Leaves the page. */
export const begin = async (openId: OpenId): Promise<void> => {
  const { authorization_endpoint } = providerOf(openId)
  if (!isSecureContext) throw new SignInError(words.openId.insecure)
  const verifier = oauth.generateRandomCodeVerifier()
  const begun = {
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    verifier,
    hash: location.hash
  }
  const url = new URL(authorization_endpoint)
  const asked = {
    client_id: openId.client_id,
    redirect_uri: pageUri(),
    response_type: "code",
    scope: openId.scope,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state: begun.state,
    nonce: begun.nonce
  }
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value)
  keepBegun(begun)
  location.assign(url)
}

/** `denied` is what to say where the provider itself says no. */
const inWords = (openId: OpenId, error: unknown): Error => {
  const host = hostOf(openId)
  if (error instanceof SignInError) return error
  if (error instanceof oauth.AuthorizationResponseError) {
    return new SignInError(
      error.error === "access_denied" ? words.openId.cancelled(host) : words.openId.refused(host, error.error)
    )
  }
  // What the provider does not take is not taken the next time either.
  if (error instanceof oauth.ResponseBodyError) return new SignInError(words.openId.refused(host, error.error), 401)
  if (error instanceof TypeError) return new SignInError(words.openId.down(host))
  return new SignInError(words.openId.unusable(host))
}

const grantedBy = (openId: OpenId, answer: oauth.TokenEndpointResponse, before?: string): Granted => {
  // Without one there is nothing to show to the server.
  if (answer.id_token === undefined) throw new SignInError(words.openId.unusable(hostOf(openId)), 401)
  const refresh = answer.refresh_token ?? before
  return { openId, token: answer.id_token, ...(refresh === undefined ? undefined : { refresh }) }
}

/** Comes back with a code, for which there are tokens. The address is afterwards what it was before. */
export const finish = async (openId: OpenId): Promise<Granted> => {
  const address = new URL(location.href)
  const begun = takeBegun()
  history.replaceState(null, "", `${location.pathname}${begun?.hash ?? ""}`)
  if (begun === undefined || address.searchParams.get("state") !== begun.state) {
    throw new SignInError(words.openId.stranger)
  }
  try {
    const provider = providerOf(openId)
    const server = serverOf(provider)
    const client = { client_id: openId.client_id }
    const parameters = oauth.validateAuthResponse(server, client, address, begun.state)
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.None(),
      parameters,
      pageUri(),
      begun.verifier,
      optionsFor(provider)
    )
    const answer = await oauth.processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: begun.nonce,
      requireIdToken: true
    })
    return grantedBy(openId, answer)
  } catch (error) {
    throw inWords(openId, error)
  }
}

/** The next tokens. */
export const renewed = async ({ openId, refresh = "" }: Granted): Promise<Granted> => {
  try {
    const provider = providerOf(openId)
    const server = serverOf(provider)
    const client = { client_id: openId.client_id }
    const response = await oauth.refreshTokenGrantRequest(
      server,
      client,
      oauth.None(),
      refresh,
      optionsFor(provider)
    )
    return grantedBy(openId, await oauth.processRefreshTokenResponse(server, client, response), refresh)
  } catch (error) {
    throw inWords(openId, error)
  }
}
