/** Something that is the same for all who ask: rendered and zipped once, and not sent to those who have it already. */
import { Effect } from "effect"
import { type HttpServerRequest, HttpServerResponse } from "effect/http"
import { createHash } from "node:crypto"
import { gzip } from "node:zlib"

export interface Asset {
  readonly body: Uint8Array
  readonly zipped: Uint8Array
  readonly etag: string
  readonly contentType: string
  /** The same address never has other content. */
  readonly immutable: boolean
}

/** Not zipped in this thread: three megabytes of it take as long as some thousand messages. */
export const make = (body: Uint8Array, contentType: string, immutable = false): Effect.Effect<Asset> =>
  Effect.callback((resume) => {
    gzip(body, (error, zipped) => {
      const etag = createHash("sha256").update(body).digest("base64url").slice(0, 22)
      resume(error === null ? Effect.succeed({ body, zipped, etag, contentType, immutable }) : Effect.die(error))
    })
  })

/** Whether one of the tags that the client has is this one; weak or strong makes no difference for a GET. */
const has = (ifNoneMatch: string | undefined, etag: string): boolean =>
  ifNoneMatch !== undefined &&
  ifNoneMatch.split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === etag)

const takesGzip = (acceptEncoding: string | undefined): boolean =>
  acceptEncoding !== undefined && /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(acceptEncoding)

export const respond = (
  asset: Asset,
  request: HttpServerRequest.HttpServerRequest,
  more: Readonly<Record<string, string>> = {}
): HttpServerResponse.HttpServerResponse => {
  const gzip = takesGzip(request.headers["accept-encoding"])
  const etag = gzip ? `"${asset.etag}-gzip"` : `"${asset.etag}"`
  const headers: Record<string, string> = {
    ...more,
    "cache-control": asset.immutable ? "public, max-age=31536000, immutable" : "no-cache",
    vary: "accept-encoding",
    etag
  }
  if (has(request.headers["if-none-match"], etag)) return HttpServerResponse.empty({ status: 304, headers })
  if (gzip) headers["content-encoding"] = "gzip"
  return HttpServerResponse.uint8Array(gzip ? asset.zipped : asset.body, { headers, contentType: asset.contentType })
}
