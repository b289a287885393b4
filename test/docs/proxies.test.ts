/** docs/nginx.conf, docs/haproxy.cfg and docs/Caddyfile, and the command beside them, do what docs/operations.md says of them. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { SignJWT } from "jose"
import { readFileSync } from "node:fs"
import { createServer, type IncomingHttpHeaders } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { WebSocket, WebSocketServer } from "ws"
import { ChatClient } from "../../src/client/ChatClient.ts"
import { layerTransport } from "../../src/client/node.ts"
import type { ClientState } from "../../src/client/types.ts"
import { Settings } from "../../src/services/Settings.ts"
import { freshDatabase, hasPostgres } from "../support/postgres.ts"
import { hasProxy, proxyNames, startProxy, textOf } from "../support/Proxy.ts"
import { root, type ServerProcess, startServer } from "../support/ServerProcess.ts"
import { until } from "../support/until.ts"

const command = /## Two processes.*?```sh\nnpx switchboard serve (.*?)```/s.exec(
  readFileSync(join(root, "docs/operations.md"), "utf8")
)![1]!

/** The flags of the documented command, on a port and a database of the test's own. */
const flagsFor = (port: number, database: string): ReadonlyArray<string> => {
  const flags = command.replaceAll("\\\n", " ").trim().split(/\s+/)
  const own: Readonly<Record<string, string>> = { "--port": String(port), "--database-url": database }
  return flags.map((flag, i) => own[flags[i - 1] ?? ""] ?? flag)
}

const secret = new TextEncoder().encode(/--jwt-secret (\S+)/.exec(command)![1]!)

const token = (user: string): Promise<string> =>
  new SignJWT({}).setProtectedHeader({ alg: "HS256" }).setSubject(user).setIssuedAt().setExpirationTime("1h")
    .sign(secret)

const statusOf = (port: number, path: string) =>
  Effect.promise(() => fetch(`http://127.0.0.1:${port}${path}`).then(({ status }) => status, () => 0))

/** In the place of a server: tells whoever comes how their request looked to it, or answers 503. */
const stub = (name: string) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly port: number; stops: boolean; readonly end: () => void }>((resume) => {
      const http = createServer((_, response) => response.writeHead(200).end(name))
      const sockets = new WebSocketServer({ noServer: true })
      http.on("upgrade", (request, socket, head) => {
        if (self.stops) {
          return void socket.end("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\n\r\n")
        }
        sockets.handleUpgrade(
          request,
          socket,
          head,
          (ws) => ws.send(JSON.stringify({ name, headers: request.headers }))
        )
      })
      const self = {
        port: 0,
        stops: false,
        end: () => {
          for (const ws of sockets.clients) ws.terminate()
          http.closeAllConnections()
          http.close()
        }
      }
      http.listen(0, "127.0.0.1", () => resume(Effect.succeed(Object.assign(self, http.address() as AddressInfo))))
    }),
    ({ end }) => Effect.sync(end)
  )

interface Seen {
  readonly name: string
  readonly headers: IncomingHttpHeaders
}

/** What a server sees of a stranger's WebSocket, or how it was refused. */
const knock = (port: number) =>
  Effect.callback<Seen | { readonly status: number | undefined; readonly retryAfter: string | undefined }>((resume) => {
    const headers = { "Phone-Number": "alice", "X-Forwarded-For": "192.0.2.1" }
    const ws = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers })
    ws.on("error", () => {})
    ws.once("message", (data: Buffer) => {
      ws.terminate()
      resume(Effect.succeed(JSON.parse(data.toString()) as Seen))
    })
    ws.once("unexpected-response", (_, { headers, statusCode }) => {
      ws.terminate()
      resume(Effect.succeed({ status: statusCode, retryAfter: headers["retry-after"] }))
    })
  })

/** Somebody at the proxy, with the real client. */
const person = Effect.fnUntraced(function*(user: string, port: number) {
  const client = yield* ChatClient.make({
    url: `ws://127.0.0.1:${port}/ws`,
    credentials: { _tag: "Token", token: () => token(user) },
    device: "laptop"
  }).pipe(Effect.provide(layerTransport))
  const states: Array<ClientState["_tag"]> = []
  client.listenState(({ _tag }) => states.push(_tag))
  const heard: Array<string> = []
  yield* Stream.runForEach(
    client.events,
    (event) => Effect.sync(() => event.type === "incoming_message" && event.sender !== user && heard.push(event.text))
  ).pipe(Effect.forkScoped)
  return { client, heard, states, user }
})

type Person = Effect.Success<ReturnType<typeof person>>

const areHere = (people: ReadonlyArray<Person>) =>
  until(Effect.sync(() => people.every(({ states }) => states.at(-1) === "Ready")))

/** Each says it to the next one. */
const sayAround = (people: ReadonlyArray<Person>, text: string) =>
  Effect.forEach(
    people,
    ({ client }, i) => client.send({ recipient: people[(i + 1) % people.length]!.user }, text),
    { concurrency: "unbounded" }
  )

describe("the times of the proxies", () => {
  it.each(proxyNames)("%s: longer than silence may last", (name) => {
    const { heartbeatMillis, heartbeatTimeoutMillis } = Settings.defaults
    const times = Array.from(
      textOf(name).matchAll(
        /(?:proxy_(?:read|send)_timeout|timeout (?:client|server|tunnel)|(?:read|write)_timeout) (\d+)s/g
      ),
      ([, seconds]) => Number(seconds)
    )
    assert.lengthOf(times, name === "haproxy" ? 3 : 2)
    for (const seconds of times) assert.isAbove(seconds * 1_000, heartbeatMillis + heartbeatTimeoutMillis)
  })
})

for (const name of proxyNames) {
  describe.skipIf(!hasProxy(name))(`docs: ${name} before two servers`, () => {
    it.live("P8 says where a client is, and lets nobody say who they are; who is refused at one door comes in at the other", () =>
      Effect.gen(function*() {
        const [a, b] = [yield* stub("a"), yield* stub("b")]
        const port = yield* startProxy(name, [a.port, b.port])
        yield* until(Effect.map(statusOf(port, "/health/ready"), (status) => status === 200))
        const seen = yield* knock(port)
        assert.isTrue("headers" in seen)
        const { headers } = seen as Seen
        assert.isUndefined(headers["phone-number"])
        // What the client says of it stands before that, or nowhere.
        assert.match(headers["x-forwarded-for"] as string, /^(192\.0\.2\.1, )?127\.0\.0\.1$/)
        assert.strictEqual(headers.host, `127.0.0.1:${port}`)
        a.stops = true
        for (let i = 0; i < 10; i++) assert.strictEqual(((yield* knock(port)) as Seen).name, "b")
        b.stops = true
        assert.deepStrictEqual(yield* knock(port), { status: 503, retryAfter: "1" })
      }).pipe(Effect.scoped))

    it.live.skipIf(!hasPostgres)(
      "P4 P10 a rolling restart is noticed by nobody, and from a server that was killed all come back to the other",
      () =>
        Effect.gen(function*() {
          const database = yield* freshDatabase(`proxies_${name}`)
          const start = (port: number) => startServer([...flagsFor(port, database), "--reconnect-spread-ms", "3000"])
          const first: ServerProcess = yield* start(0)
          const b = yield* start(0)
          const port = yield* startProxy(name, [first.port, b.port])
          yield* until(Effect.map(statusOf(port, "/health/ready"), (status) => status === 200))
          assert.strictEqual(yield* statusOf(port, "/"), 200)

          const people = yield* Effect.forEach(Array.from({ length: 8 }, (_, i) => `user${i}`), (user) =>
            person(user, port))
          yield* areHere(people)
          yield* sayAround(people, "one")
          yield* until(Effect.sync(() =>
            people.every(({ heard }) => heard.length === 1)
          ))

          first.kill("SIGTERM")
          assert.strictEqual(yield* first.exited, 0, first.errors())
          const moved = people.filter(({ states }) => states.length > 1)
          assert.isNotEmpty(moved)
          assert.isBelow(moved.length, people.length)
          yield* sayAround(people, "two")
          yield* until(Effect.sync(() => people.every(({ heard }) => heard.length === 2)))
          for (const { states } of people) assert.notInclude(states, "Reconnecting")

          const again = yield* start(first.port)
          const late = yield* Effect.forEach(["late0", "late1", "late2", "late3"], (user) => person(user, port))
          yield* areHere(late)
          b.kill("SIGKILL")
          yield* until(Effect.sync(() => people.every(({ states }) => states.includes("Reconnecting"))))
          yield* areHere([...people, ...late])
          yield* sayAround(people, "three")
          yield* until(Effect.sync(() => people.every(({ heard }) => heard.length === 3)))
          for (const { heard } of people) assert.deepStrictEqual(heard, ["one", "two", "three"])
          again.kill("SIGKILL")
        }).pipe(Effect.scoped),
      120_000
    )
  })
}
