/** Who one is: what the server asks for, one-time tickets, and what is remembered of the last time. */

import { words } from "../words/index.ts"
import { readFrom } from "./shelf.ts"

/** A name where the server believes names, a token elsewhere. */
export type Identity =
  | { readonly kind: "name"; readonly user: string }
  /** Whose token it is, once the server has said so. */
  | { readonly kind: "token"; readonly token: string; readonly user?: string }

/** What the server knows of the provider with which people sign in. */
export interface OpenIdEndpoints {
  readonly issuer: string
  readonly authorization_endpoint: string
  readonly token_endpoint: string
  readonly end_session_endpoint?: string
  readonly id_token_signing_alg_values_supported?: ReadonlyArray<string>
  readonly authorization_response_iss_parameter_supported?: boolean
}

/** Where people sign in. */
export interface OpenId {
  readonly issuer: string
  readonly client_id: string
  readonly scope: string
  /** Missing until the provider has answered the server. */
  readonly provider?: OpenIdEndpoints
}

export interface ServerInfo {
  readonly name: string
  readonly version: string
  readonly auth: "phone-header" | "jwt" | "custom"
  readonly oidc?: OpenId
}

const refusals = new Set([400, 401, 403])

/** A refusal that coming back does not change, `permanent`, or one that may pass. */
export class SignInError extends Error {
  readonly permanent: boolean
  /** Another token of the same user would do. */
  readonly stale: boolean
  /** As HTTP says it. */
  readonly status: number | undefined
  constructor(message: string, status?: number) {
    super(message)
    this.status = status
    this.permanent = status !== undefined && refusals.has(status)
    this.stale = status === 401
  }
}

const sentenceOf = async (response: Response): Promise<string> => {
  const body: unknown = await response.json().catch(() => undefined)
  return typeof body === "object" && body !== null && "detail" in body && typeof body.detail === "string"
    ? body.detail
    : words.problems.answered(response.status)
}

const ask = async (path: string, init?: RequestInit): Promise<unknown> => {
  const response = await fetch(path, { cache: "no-store", credentials: "omit", ...init }).catch(() => {
    throw new SignInError(words.problems.unreachable)
  })
  if (!response.ok) {
    throw new SignInError(await sentenceOf(response), response.status)
  }
  return response.json()
}

export const fetchInfo = async (): Promise<ServerInfo> => await ask("v1/info") as ServerInfo

/** A ticket lets one connection in, once. */
export const fetchTicket = async (identity: Identity) =>
  await ask("v1/tickets", {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      ...(identity.kind === "name"
        ? { "Phone-Number": identity.user }
        : { "Authorization": `Bearer ${identity.token}` })
    },
    body: "{}"
  }) as { readonly ticket: string; readonly user: string }

const key = "switchboard.identity"

const read = (storage: Storage): Identity | undefined => {
  const value = readFrom(storage, key)
  return typeof value === "object" && value !== null && "kind" in value ? value as Identity : undefined
}

/** This tab's user; in a new tab the last one, so that two tabs can be two people. */
export const recalled = (): Identity | undefined => read(sessionStorage) ?? read(localStorage)

/** A token is a secret: it is forgotten with the tab. */
export const remember = (identity: Identity): void => {
  sessionStorage.setItem(key, JSON.stringify(identity))
  if (identity.kind === "name") localStorage.setItem(key, JSON.stringify(identity))
}

export const forget = (): void => {
  sessionStorage.removeItem(key)
  localStorage.removeItem(key)
}
