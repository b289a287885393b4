/**
 * P9 Whatever is asked of the HTTP API, right or wrong, is answered as `/openapi.json` says, and others notice nothing.
 * `API_FUZZ_RUNS` is how many requests there are, `FUZZ_SEED` makes others.
 */
import { assert, describe, it } from "@effect/vitest"
import { Data, Effect, Layer, Logger } from "effect"
import * as Http from "node:http"
import { ApiRoutes } from "../../src/index.ts"
import { random, seed } from "../fuzz/mutate.ts"
import { access, adminToken } from "../support/adminApi.ts"
import { moodyFiles } from "../support/moodyFiles.ts"
import { connect } from "../support/TestClient.ts"
import { TestServer, testServer, unlimitedFrames } from "../support/TestServer.ts"
import { type Answered, checking, type Document, type Operation, operationsOf } from "./document.ts"
import { type Asked, Known, requestOf, spared } from "./generate.ts"
import { holding, making } from "./things.ts"

const runs = Number(process.env["API_FUZZ_RUNS"] ?? 3_000)

const credentials = {
  right: { authorization: `Bearer ${adminToken}`, "phone-number": "alice" },
  wrong: [
    {},
    { authorization: "Bearer wrong" },
    { authorization: `Basic ${adminToken}` },
    { authorization: adminToken, "phone-number": "no user" },
    { authorization: "Bearer ", "phone-number": "@system" }
  ]
}

class BrokenLine extends Data.TaggedError("BrokenLine")<{ readonly error: Error }> {}

const asking = (port: number) => {
  const agent = new Http.Agent({ keepAlive: true, maxSockets: 1 })
  const ask = ({ body, headers, method, path }: Omit<Asked, "isDescribed">) =>
    Effect.callback<Answered, BrokenLine>((resume) => {
      const length = body === undefined ? undefined : { "content-length": String(body.length) }
      const options = { host: "127.0.0.1", port, method, path, headers: { ...headers, ...length }, agent }
      const request = Http.request(options, (response) => {
        const chunks: Array<Buffer> = []
        response.on("data", (chunk: Buffer) => chunks.push(chunk))
        response.on("error", (error) => resume(Effect.fail(new BrokenLine({ error }))))
        response.on("end", () =>
          resume(Effect.succeed({
            status: response.statusCode ?? 0,
            type: response.headers["content-type"],
            body: Buffer.concat(chunks)
          })))
      })
      request.on("error", (error) => resume(Effect.fail(new BrokenLine({ error }))))
      request.end(body)
    })
  // A server that refuses a body before it has read it closes the connection, which the next request may find out.
  return (asked: Omit<Asked, "isDescribed">) =>
    ask(asked).pipe(Effect.catch(() => ask({ ...asked, headers: { ...asked.headers, connection: "close" } })))
}

const shown = ({ body, headers, method, path }: Asked, answer: Answered) =>
  `${method} ${path.slice(0, 200)} ${JSON.stringify(headers)} ${
    body?.toString().slice(0, 300) ?? ""
  }\n${answer.status} ${answer.type} ${answer.body.toString().slice(0, 300)}`

/** A server says 5xx of what it cannot do at the moment, or does not do at all. */
const isTrouble = ({ status }: Answered) => status >= 500 && ![501, 503, 507].includes(status)

const server = testServer({
  access,
  files: moodyFiles().layer,
  routes: ApiRoutes.layerDocs,
  directory: "all",
  settings: { ...unlimitedFrames, maxRequestsPerSecondPerAddress: 0 }
}).pipe(Layer.provide(holding))

/** It is open to all, and takes nothing that could be wrong. */
const neverRefused = new Set(["GET /v1/info"])

/** So often there is something new to be ended, closed, released, deleted and fetched. */
const madeEvery = 50

/** An erasure waits for a second; there are enough of them all the same. */
const isSlow = ({ name }: Operation) => name === "DELETE /v1/admin/users/{user}"

/** What the document's own operations were answered. */
class Outcomes {
  readonly #operations: ReadonlyArray<Operation>
  readonly #statuses: ReadonlyMap<string, Set<number>>

  constructor(operations: ReadonlyArray<Operation>) {
    this.#operations = operations
    this.#statuses = new Map(operations.map(({ name }) => [name, new Set<number>()]))
  }

  add({ name }: Operation, { status }: Answered): void {
    this.#statuses.get(name)!.add(status)
  }

  /** Those that were never carried out, or never refused, as far as they can be. */
  lacking(what: "carried out" | "refused"): ReadonlyArray<Operation> {
    return this.#operations.filter(({ name }) => {
      const all = Array.from(this.#statuses.get(name)!)
      return what === "carried out"
        ? !all.some((status) => status < 300)
        : !neverRefused.has(name) && !all.some((status) => status >= 400)
    })
  }

  toString(): string {
    return Array.from(this.#statuses, ([name, all]) => `${name} ${[...all].sort().join(" ")}`).join("\n")
  }
}

const choosing =
  (operations: ReadonlyArray<Operation>, outcomes: Outcomes, pick: ReturnType<typeof random>) => (i: number) => {
    // Each has its turn before chance has.
    if (i < operations.length) return operations[i]!
    const lacking = [...outcomes.lacking("carried out"), ...outcomes.lacking("refused")]
    if (lacking.length > 0 && pick(3) === 0) return lacking[pick(lacking.length)]!
    const chosen = operations[pick(operations.length)]!
    return isSlow(chosen) && pick(10) > 0 ? operations[0]! : chosen
  }

/** Two who talk meanwhile. */
const talking = Effect.fnUntraced(function*(port: number) {
  const too = `${spared}-too`
  const speaker = yield* connect({ port, user: spared, level: "v1" })
  const listener = yield* connect({ port, user: too })
  return Effect.fnUntraced(function*(text: string) {
    speaker.send({ type: "chat_message", recipient: too, text })
    yield* listener.waitFor("incoming_message", (message) => message.text === text)
  })
})

describe("P9 the HTTP API from its document", () => {
  it.live(`answers ${runs} requests as it says (seed ${seed})`, () => {
    const complaints: Array<string> = []
    const logger = Logger.make<unknown, void>(({ message }) => {
      const text = String(message)
      if (text.includes("defect")) complaints.push(text)
    })
    return Effect.gen(function*() {
      const { port } = yield* TestServer
      const ask = asking(port)
      const stillTalks = yield* talking(port)
      const described = yield* ask({ method: "GET", path: "/openapi.json", headers: {}, body: undefined })
      const document = JSON.parse(described.body.toString()) as Document
      const operations = operationsOf(document)
      const { faultOf, fits } = checking(document)
      const pick = random(seed)
      const outcomes = new Outcomes(operations)
      const choose = choosing(operations, outcomes, pick)
      const known = new Known()
      const make = yield* making(port, ask, credentials.right, known)
      const faults: Array<string> = []

      /** What is wrong with the answer to the document's own operation, or to a method that it has not. */
      const fault = (operation: Operation, asked: Asked, answer: Answered): string | undefined => {
        if (isTrouble(answer)) return "the server made a mistake"
        if (asked.method !== operation.method) {
          const isSaid = answer.status < 400 || asked.method === "HEAD" || answer.type === "application/problem+json"
          return isSaid ? undefined : "it does not say what is wrong"
        }
        outcomes.add(operation, answer)
        return answer.status < 300 && !asked.isDescribed
          ? "it was carried out, though the document has no such request"
          : faultOf(operation, answer)
      }

      for (let i = 0; i < runs && faults.length < 10; i++) {
        if (i % madeEvery === 0) yield* make
        const operation = choose(i)
        const asked = requestOf(operation, credentials, { pick, known, fits })
        const answer = yield* ask(asked)
        const found = fault(operation, asked, answer)
        if (found !== undefined) faults.push(`${i}: ${shown(asked, answer)}\n${found}`)
        if (answer.type === "application/json" && answer.status < 300 && answer.body.length > 0) {
          known.learn(JSON.parse(answer.body.toString()))
        }
        if (i % 200 === 199) yield* stillTalks(String(i))
      }
      assert.deepStrictEqual(faults, [])
      assert.deepStrictEqual(complaints, [])
      if (process.env["API_FUZZ_SHOW"] !== undefined) console.log(`${outcomes}`)
      // Where all is refused, or nothing is, nothing is tried.
      const namesOf = (all: ReadonlyArray<Operation>) => all.map(({ name }) => name)
      assert.deepStrictEqual(namesOf(outcomes.lacking("carried out")), [], `never carried out\n${outcomes}`)
      assert.deepStrictEqual(namesOf(outcomes.lacking("refused")), [], `never refused\n${outcomes}`)
    }).pipe(
      Effect.orDie,
      Effect.scoped,
      Effect.provide(server.pipe(Layer.provideMerge(Logger.layer([logger]))))
    )
  }, 3_600_000)
})
