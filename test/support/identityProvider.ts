/** A real OpenID Connect provider on loopback, where anybody signs in as whom they say. */
import { exportJWK, generateKeyPair } from "jose"
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import Provider from "oidc-provider"

export interface ProviderOptions {
  /** The addresses of pages. */
  readonly pages: ReadonlyArray<string>
  /** How long an ID token lasts, in seconds. */
  readonly seconds?: number
}

const down: RequestListener = (_, response) => void response.writeHead(503).end("down")

/** It is there, and does not answer before it is opened. */
export const startIdentityProvider = async () => {
  let answer: RequestListener = down
  let opened: RequestListener = down
  const { privateKey } = await generateKeyPair("RS256", { extractable: true })
  const key = { ...await exportJWK(privateKey), kid: "1", use: "sig", alg: "RS256" }
  const asked: Array<string> = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url!.split("?")[0]}`)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    issuer,
    /** What it was asked, without what was sent along. */
    asked,
    /** As one that knows nothing of what it gave before. */
    open: ({ pages, seconds = 3_600 }: ProviderOptions) => {
      const provider = new Provider(issuer, {
        clients: [{
          client_id: "chat",
          application_type: "native",
          token_endpoint_auth_method: "none",
          grant_types: ["authorization_code", "refresh_token"],
          response_types: ["code"],
          redirect_uris: pages,
          post_logout_redirect_uris: pages
        }],
        jwks: { keys: [key] },
        cookies: { keys: ["of the tests"] },
        claims: { openid: ["sub"], profile: ["name"] },
        conformIdTokenClaims: false,
        clientBasedCORS: () => true,
        issueRefreshToken: () => true,
        findAccount: (_: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id, name: `The ${id}` }) }),
        ttl: {
          IdToken: seconds,
          AccessToken: 3_600,
          AuthorizationCode: 60,
          RefreshToken: 86_400,
          Session: 86_400,
          Interaction: 600,
          Grant: 86_400
        }
      })
      const handle = provider.callback()
      answer = opened = (request, response) => void handle(request, response)
    },
    close: () => {
      answer = down
    },
    /** It is back, with all that it knew. */
    reopen: () => {
      answer = opened
    },
    stop: () => {
      server.closeAllConnections()
      server.close()
    }
  }
}

export type IdentityProvider = Awaited<ReturnType<typeof startIdentityProvider>>
