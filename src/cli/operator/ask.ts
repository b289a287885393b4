/** Carries out what a verb of `switchboard admin` asks, against a server, and prints what it says. */
import { Console, Effect, Option, Redacted, Schema, Stdio, Stream } from "effect"
import type { CliError } from "effect/cli"
import { FetchHttpClient, HttpBody, HttpClient, HttpClientRequest, type HttpClientResponse } from "effect/http"
import { ended, NoAnswer, userError } from "../errors.ts"
import { linesOf, tableOf } from "./print.ts"
import type { Asked, Item, Request, Shape } from "./Request.ts"

export interface Server {
  /** Of the server or of its admin port, without a slash at its end. */
  readonly url: string
  readonly adminToken: Option.Option<Redacted.Redacted<string>>
  readonly json: boolean
  readonly timeout: number
}

const Problem = Schema.fromJsonString(Schema.Struct({ detail: Schema.String }))

const isProblem = Schema.decodeUnknownOption(Problem)

const Body = Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown))

/** The most that is read of an answer that is an error, in characters: a stranger's server may send anything. */
const maxProblem = 10_000

const requestOf = ({ body, method, path, query }: Request, { adminToken, url }: Server) =>
  HttpClientRequest.make(method)(`${url}/v1/admin/${path}`).pipe(
    HttpClientRequest.setUrlParams(query ?? {}),
    (request) => body === undefined ? request : HttpClientRequest.setBody(request, HttpBody.jsonUnsafe(body)),
    (request) =>
      Option.isNone(adminToken)
        ? request
        : HttpClientRequest.bearerToken(request, Redacted.value(adminToken.value))
  )

const refused = (status: number, text: string, { adminToken, url }: Server): CliError.UserError =>
  status === 401
    ? userError(
      Option.isNone(adminToken)
        ? `${url} wants the admin token; give it with --admin-token or SWITCHBOARD_ADMIN_TOKEN.`
        : `${url} has another admin token; check --admin-token or SWITCHBOARD_ADMIN_TOKEN.`
    )
    : userError(Option.match(isProblem(text), {
      onNone: () => `${url} answered ${status}; is it a Switchboard? Check --admin-url.`,
      onSome: ({ detail }) => ended(detail)
    }))

/** What the server says to this; fails with its sentence when it refuses. */
const asked = Effect.fnUntraced(function*(request: Request, server: Server) {
  const { url } = server
  const nobody = (cause: unknown) =>
    userError(`${url} does not answer; is the server running there? Check --admin-url.`, cause)
  const response = yield* HttpClient.execute(requestOf(request, server)).pipe(
    Effect.mapError(nobody),
    Effect.timeoutOrElse({
      duration: `${server.timeout} seconds`,
      orElse: () => new NoAnswer({ sentence: `No answer from ${url} in ${server.timeout} seconds.` })
    })
  )
  if (response.status < 300) return response
  const text = yield* Effect.orElseSucceed(
    Stream.runFold(
      Stream.takeUntil(Stream.decodeText(response.stream), (part) => part.length > maxProblem),
      () => "",
      (text, part) => text.length > maxProblem ? text : text + part
    ),
    () => ""
  )
  return yield* refused(response.status, text, server)
})

const bodyOf = (response: HttpClientResponse.HttpClientResponse, { url }: Server) =>
  response.text.pipe(
    Effect.flatMap(Schema.decodeUnknownEffect(Body)),
    Effect.mapError((cause) => userError(`${url} answered what no Switchboard says; check --admin-url.`, cause))
  )

/** As it comes, without a bound in memory. */
const stream = (response: HttpClientResponse.HttpClientResponse, { url }: Server) =>
  Effect.flatMap(Stdio.Stdio, (stdio) =>
    Stream.run(response.stream, stdio.stdout({ endOnDone: false })).pipe(
      Effect.mapError((cause) => userError(`${url} stopped in the middle; ask again.`, cause))
    ))

const list = Effect.fnUntraced(function*(
  request: Request,
  shape: Extract<Shape, { readonly _tag: "List" | "Pages" }>,
  server: Server
) {
  const { columns, items } = shape
  const body = yield* bodyOf(yield* asked(request, server), server)
  const found = Array.isArray(body[items]) ? body[items] as ReadonlyArray<Item> : []
  if (server.json) yield* Effect.forEach(found, (each) => Console.log(JSON.stringify(each)), { discard: true })
  else if (found.length === 0) yield* Console.error("cursor" in body ? "Nothing yet." : "There is nothing.")
  else yield* Console.log(tableOf(columns, found))
  const more = moreOf(shape, body, found.at(-1))
  if (more !== undefined) yield* Console.error(`There is more; go on with ${more}.`)
})

/** How to get to the next page, where there is one. */
const moreOf = (
  shape: Extract<Shape, { readonly _tag: "List" | "Pages" }>,
  body: Item,
  last: Item | undefined
): string | undefined => {
  if (shape._tag === "Pages") return typeof body["cursor"] === "string" ? `--cursor ${body["cursor"]}` : undefined
  return body["has_more"] === true && last !== undefined ? shape.more(last) : undefined
}

export const carryOut = Effect.fn("admin")(function*({ request, shape }: Asked, server: Server) {
  if (shape._tag === "List" || shape._tag === "Pages") return yield* list(request, shape, server)
  const response = yield* asked(request, server)
  switch (shape._tag) {
    case "Lines":
      return yield* stream(response, server)
    case "Done":
      return yield* Console.log(server.json ? JSON.stringify({ done: true }) : shape.sentence)
    case "Thing": {
      const body = yield* bodyOf(response, server)
      return yield* Console.log(server.json ? JSON.stringify(body) : linesOf(body))
    }
  }
}, (effect) => Effect.provide(effect, FetchHttpClient.layer))
