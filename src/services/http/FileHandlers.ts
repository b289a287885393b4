/** Files over HTTP: up from the socket to where they stay, and down by their links. */
import { Clock, Effect, Stream } from "effect"
import { HttpEffect, type HttpServerRequest, HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { defined } from "../../domain/defined.ts"
import type { FileId } from "../../domain/Ids.ts"
import type { ConnectRequest } from "../access/Authenticator.ts"
import { TrustedProxies } from "../access/ClientAddress.ts"
import { AllowedOrigins } from "../access/Origins.ts"
import { Admission } from "../admission/Admission.ts"
import { Api } from "../api/Api.ts"
import { ApiError, apiError, ofRefused, storeIsDown } from "../api/ApiError.ts"
import { FileLinks } from "../files/FileLinks.ts"
import type { FileRefused } from "../files/FileRefused.ts"
import { Files } from "../files/Files.ts"
import type { FileStoreError } from "../files/FileStore.ts"
import { isLoopback } from "../kernel/addresses.ts"
import { limited } from "../kernel/LogLimit.ts"
import { makePace } from "../limits/pace.ts"
import { Readiness } from "../Readiness.ts"
import type { FileRecord } from "../storage/FileRecords.ts"
import type { StoreError } from "../storage/MessageStore.ts"
import { CurrentMeters } from "../telemetry/Meters.ts"
import type { BodyError } from "../transport/bodyPace.ts"
import * as LongAnswer from "../transport/LongAnswer.ts"
import * as RequestBody from "../transport/RequestBody.ts"
import { askedOf } from "./ApiEdge.ts"
import { etagOf, fileHeaders } from "./fileHeaders.ts"
import { partOf } from "./fileRange.ts"
import { problem } from "./problem.ts"
import { refusing } from "./refusing.ts"
import { Slots } from "./Slots.ts"

/**
 * Uploads of a user and in all, downloads of an address and in all, at once. An upload takes some 600 KB at most, and twice
 * as much where there are few; a download some 200 KB.
 */
const uploadsAtOnce = { each: 64, inAll: 512 }
const downloadsAtOnce = { each: 100, inAll: 500 }

/**
 * Uploads of a user that begin. Each is some commits and writes that wait for the disk, which all who write wait for; a
 * hundred pictures at once are no more than usual, and whoever sends without end waits for themselves.
 */
const uploadRate = { perSecond: 20, burst: 100 }

const retryAfterSeconds = 2

type UploadError = FileRefused | FileStoreError | StoreError | BodyError

/** Where that is and what it says are for the operator, whose log has it. */
const filesAreDown = () =>
  new ApiError({
    status: 503,
    code: "unavailable",
    message: "The place of files does not answer; try again later.",
    retryAfterSeconds
  })

const told = (error: UploadError): Effect.Effect<void> => {
  const failed = (kind: string, reason: string) =>
    limited("Files.failed", Effect.annotateLogs(Effect.logWarning("Files.failed"), { kind, reason }))
  if (error._tag === "FileStoreError") return failed(error.kind, error.message)
  return error._tag === "BodyError" && error.kind === "idle"
    ? failed("unavailable", "The place of files has taken nothing of an upload for too long; see to it.")
    : Effect.void
}

const failing = (error: UploadError): ApiError => {
  switch (error._tag) {
    case "FileRefused":
      return apiError(error.status, error.message)
    case "BodyError":
      if (error.kind === "idle") return filesAreDown()
      return error.kind === "slow"
        ? apiError(408, "The file comes too slowly; send it again over a better connection.")
        : apiError(400, "The body ended early; send the file again.")
    case "FileStoreError":
      return error.kind === "full"
        ? apiError(507, "The server has no room for files; tell its operator.")
        : filesAreDown()
    case "StoreError":
      return storeIsDown()
  }
}

/** What was said of the body's length; nothing where it comes in chunks. */
const lengthOf = ({ headers }: HttpServerRequest.HttpServerRequest): number | undefined =>
  headers["transfer-encoding"] === undefined ? Number(headers["content-length"] ?? 0) : undefined

/** Whoever is answered before their body has come cannot ask anything else on this connection. */
const closedWhereUnfinished = HttpEffect.appendPreResponseHandler((request, response) =>
  Effect.succeed(
    RequestBody.isUnfinished(request) ? HttpServerResponse.setHeader(response, "connection", "close") : response
  )
)

const shownUpload = ({ file, name, sha256 = "", size, state, type }: FileRecord) => ({
  file,
  name,
  type,
  size,
  sha256,
  ...defined({ held: state === "held" ? true as const : undefined })
})

const makeUpload = Effect.gen(function*() {
  const admission = yield* Admission
  const files = yield* Files
  const open = yield* RequestBody.make
  const readiness = yield* Readiness
  const { refused } = yield* CurrentMeters
  const refuse = yield* refusing
  const pace = yield* makePace(uploadRate)
  const slots = new Slots({ ...uploadsAtOnce, tooMany: "Too many files are being uploaded", retryAfterSeconds })

  /** Before a byte of the body is read. */
  const identify = Effect.fnUntraced(function*(asked: ConnectRequest) {
    if (!(yield* readiness.accepting)) {
      return yield* refuse({ status: 503, message: "The server is stopping; ask again.", retryAfterSeconds: 1 })
    }
    return yield* Effect.andThen(admission.checkAddress(asked), admission.identify(asked)).pipe(
      Effect.tapError(({ status }) => Effect.sync(() => refused.add(String(status))))
    )
  })

  return Effect.fnUntraced(function*(
    request: HttpServerRequest.HttpServerRequest,
    asked: ConnectRequest,
    name: string | undefined
  ) {
    yield* closedWhereUnfinished
    const { user: owner } = yield* identify(asked)
    if (!files.enabled) return yield* apiError(501, "This server takes no files; its operator can turn them on.")
    if (name === undefined) return yield* apiError(400, "Say what the file is called, with ?name= in the address.")
    yield* slots.take(owner)
    yield* pace(owner)
    const body = yield* open(request)
    const upload = files.upload({
      owner,
      name,
      type: request.headers["content-type"] ?? "",
      content: body.content,
      ...defined({ size: lengthOf(request) })
    })
    return shownUpload(yield* Effect.mapError(Effect.tapError(Effect.raceFirst(upload, body.pace), told), failing))
  })
})

const gone = () => apiError(404, "There is no such file any more.")

const makeDownload = Effect.gen(function*() {
  const elsewhere = (yield* AllowedOrigins).length > 0
  const clock = yield* Clock.Clock
  const files = yield* Files
  const links = yield* FileLinks
  const open = yield* LongAnswer.make
  const slots = new Slots({ ...downloadsAtOnce, tooMany: "Too many files are being downloaded", retryAfterSeconds })

  /** Of the bytes of a file, or of some of them. */
  const bytes = Effect.fnUntraced(function*(
    request: HttpServerRequest.HttpServerRequest,
    address: string,
    file: FileId,
    range: { readonly from: number; readonly to: number } | undefined
  ) {
    yield* slots.take(isLoopback(address) ? undefined : address)
    const found = yield* Effect.mapError(Effect.tapError(files.read(file, range), told), failing)
    if (found === undefined) return yield* gone()
    return yield* open(request, found.part.content)
  })

  return Effect.fnUntraced(function*(
    request: HttpServerRequest.HttpServerRequest,
    address: string,
    { expires = "", file: named, signature = "" }: Readonly<Record<string, string | undefined>>
  ) {
    const file = (named ?? "") as FileId
    if (!(yield* links.isGood(file, expires, signature))) {
      return yield* apiError(403, "This link is not good, or no longer; open the message again for a new one.")
    }
    const record = yield* Effect.mapError(files.shown(file), failing)
    if (record === undefined) return yield* gone()
    const { at, size } = record
    const seconds = Math.max(0, Math.floor(Number(expires) - clock.currentTimeMillisUnsafe() / 1_000))
    const { contentType, headers } = fileHeaders(record, seconds, elsewhere)
    const part = partOf(request.headers, size, { etag: etagOf(record), at })
    if (part._tag === "NotModified") return HttpServerResponse.empty({ status: 304, headers })
    if (part._tag === "Unsatisfiable") {
      return HttpServerResponse.setHeader(
        problem({ status: 416, message: "The file does not have these bytes." }),
        "content-range",
        `bytes */${size}`
      )
    }
    const range = part._tag === "Range" ? part : undefined
    const contentLength = range === undefined ? size : range.to - range.from + 1
    const options = {
      status: range === undefined ? 200 : 206,
      contentType,
      contentLength,
      headers: range === undefined
        ? headers
        : { ...headers, "content-range": `bytes ${range.from}-${range.to}/${size}` }
    }
    if (request.method === "HEAD") return HttpServerResponse.stream(Stream.empty, options)
    return HttpServerResponse.stream(yield* bytes(request, address, file, range), options)
  })
})

export const FileHandlers = HttpApiBuilder.group(
  Api,
  "files",
  Effect.fn(function*(handlers) {
    const proxies = yield* TrustedProxies
    const download = yield* makeDownload
    const upload = yield* makeUpload
    return handlers
      .handleRaw(
        "upload",
        ({ query: { name }, request }) =>
          Effect.catchTag(upload(request, askedOf(request, proxies), name), "Refused", ofRefused)
      )
      .handleRaw(
        "download",
        ({ params: { file }, query, request }) =>
          Effect.catchTag(
            download(request, askedOf(request, proxies).address, { ...query, file }),
            "Refused",
            ofRefused
          )
      )
  })
)
