/** Signing in with an OpenID Connect provider, as far as every page knows of it; what speaks to the provider is `openIdFlow`. */
import type { OpenId } from "./auth.ts"
import { readFrom } from "./shelf.ts"

/** What the provider gave. It is forgotten with the tab, as the token is. */
export interface Granted {
  readonly openId: OpenId
  readonly token: string
  /** Gets the next token without a word. */
  readonly refresh?: string
}

/** A sign-in that has begun and not come back yet. */
export interface Begun {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  /** Where the user was. */
  readonly hash: string
}

const grantedKey = "switchboard.openid"
const begunKey = "switchboard.openid.begun"

const recall = <A>(key: string): A | undefined => {
  const value = readFrom(sessionStorage, key)
  // Written by this page; of another version it has other fields, and the provider says no.
  return typeof value === "object" && value !== null ? value as A : undefined
}

export const granted = (): Granted | undefined => recall<Granted>(grantedKey)

export const keepGranted = (granted: Granted): void => sessionStorage.setItem(grantedKey, JSON.stringify(granted))

export const keepBegun = (begun: Begun): void => sessionStorage.setItem(begunKey, JSON.stringify(begun))

/** Once. */
export const takeBegun = (): Begun | undefined => {
  const begun = recall<Begun>(begunKey)
  sessionStorage.removeItem(begunKey)
  return begun
}

export const forgetGranted = (): void => sessionStorage.removeItem(grantedKey)

/** How people know the provider. */
export const hostOf = ({ issuer }: OpenId): string => new URL(issuer).host

/** The page itself, wherever that is: what the provider has to know as redirect URI. */
export const pageUri = (): string => new URL("./", document.baseURI).href

/** The provider has sent the user back here. */
export const isAnswer = (): boolean => {
  const query = new URLSearchParams(location.search)
  return query.has("state") && (query.has("code") || query.has("error"))
}

/** Where the user is signed out of the provider too, if it has such a place. */
export const endOf = ({ openId: { client_id, provider }, token }: Granted): string | undefined => {
  if (provider?.end_session_endpoint === undefined) return undefined
  const url = new URL(provider.end_session_endpoint)
  url.searchParams.set("client_id", client_id)
  url.searchParams.set("id_token_hint", token)
  url.searchParams.set("post_logout_redirect_uri", pageUri())
  return url.href
}
