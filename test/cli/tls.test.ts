/** `serve` with TLS of its own, as docs/operations.md says of it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs"
import { request } from "node:https"
import { join } from "node:path"
import { connect as connectTls } from "node:tls"
import { type Made, ofAuthority, selfSigned } from "../support/certificates.ts"
import { eventually } from "../support/eventually.ts"
import { isBun, refuses, runCommand, type ServerProcess, startServer } from "../support/ServerProcess.ts"
import { temporaryDirectory } from "../support/stores.ts"
import { connect, roundTrip } from "../support/TestClient.ts"
import { hasTmux, inTerminal } from "../support/Tmux.ts"

const flagsOf = ({ cert, key }: Made) => ["--store", "memory", "--tls-cert", cert, "--tls-key", key]

const text = (file: string) => readFileSync(file, "utf8")

/** The name in the certificate that whoever comes now is shown. */
const shown = (port: number) =>
  Effect.callback<string>((resume) => {
    const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
      resume(Effect.succeed(String(socket.getPeerCertificate().subject.CN)))
      socket.destroy()
    })
    // Whoever comes while a server on Bun opens its port anew is turned away.
    socket.on("error", (error) => resume(isBun ? Effect.succeed(error.message) : Effect.die(error)))
    return Effect.sync(() => socket.destroy())
  })

const says = ({ output }: ServerProcess, line: string, times = 1) =>
  eventually(Effect.sync(() => output().split(line).length > times))

const get = (port: number, path: string, ca: string) =>
  Effect.callback<{ readonly status: number; readonly body: string }>((resume) => {
    request({ port, host: "127.0.0.1", path, ca }, (response) => {
      let body = ""
      response.on("data", (chunk: Buffer) => body += chunk.toString())
      response.on("end", () => resume(Effect.succeed({ status: response.statusCode ?? 0, body })))
    }).on("error", (error) => resume(Effect.die(error))).end()
  })

describe("serve --tls-cert --tls-key", () => {
  it.live(
    "wss and https with an authority of one's own, from code and from the command line",
    () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const made = ofAuthority(directory, "chat")
        const server = yield* startServer(flagsOf(made))
        const { port } = server
        assert.match(server.output(), /listens: https:\/\/localhost:\d+\/ \(socket wss:\/\/.* health https:\/\//)
        const ca = text(made.ca)
        const bob = yield* connect({ port, user: "bob", level: "v1", ca })
        const url = `https://localhost:${port}`
        const send = ["send", "--as", "alice", "--to", "bob", "--url"]
        const sent = yield* runCommand([...send, url, "hello"], { NODE_EXTRA_CA_CERTS: made.ca })
        assert.deepStrictEqual([sent.code, sent.errors], [0, ""])
        assert.strictEqual((yield* bob.waitFor("incoming_message")).text, "hello")
        const chat = ["chat", "--as", "alice", "--to", "bob", "--url", `wss://localhost:${port}/ws`]
        assert.strictEqual((yield* runCommand(chat, { NODE_EXTRA_CA_CERTS: made.ca }, "again\n")).code, 0)
        assert.strictEqual((yield* bob.waitFor("incoming_message")).text, "again")
        const stranger = yield* runCommand([...send, url, "--timeout", "2", "hello"])
        assert.strictEqual(stranger.code, 2)
        assert.match(stranger.errors, /its certificate is not accepted \(\w+\); .*NODE_EXTRA_CA_CERTS\.\n$/)
        for (const path of ["/health/live", "/health/ready", "/v1/info", "/openapi.json"]) {
          assert.strictEqual((yield* get(port, path, ca)).status, 200, path)
        }
        server.kill("SIGTERM")
        assert.strictEqual(yield* bob.closed, 4001)
        assert.strictEqual(yield* server.exited, 0, server.errors())
      }).pipe(Effect.scoped),
    60_000
  )

  it.live("SIGHUP takes a new certificate; who is here stays, who comes sees it", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const old = selfSigned(directory, "old")
      const server = yield* startServer(flagsOf(old))
      const alice = yield* connect({ port: server.port, user: "alice", level: "v1", ca: text(old.cert) })
      assert.strictEqual(yield* shown(server.port), "old")
      // The same file again: whoever asks hears that it was read.
      server.kill("SIGHUP")
      yield* says(server, "Tls.loaded", 2)
      const next = selfSigned(directory, "next")
      copyFileSync(next.key, old.key)
      copyFileSync(next.cert, old.cert)
      server.kill("SIGHUP")
      yield* eventually(Effect.map(shown(server.port), (name) => name === "next"))
      yield* roundTrip(alice)
      server.kill("SIGTERM")
      assert.strictEqual(yield* alice.closed, 4001)
      assert.strictEqual(yield* server.exited, 0, server.errors())
    }).pipe(Effect.scoped), 60_000)

  it.live(
    "a change of the files is noticed; while they do not fit each other the old ones serve, with one line",
    () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const files = selfSigned(directory, "old")
        const server = yield* startServer(flagsOf(files))
        const { port } = server
        const alice = yield* connect({ port, user: "alice", level: "v1", ca: text(files.cert) })
        const next = selfSigned(directory, "next")
        copyFileSync(next.cert, files.cert)
        yield* says(server, "old.key does not belong to the certificate")
        assert.strictEqual(yield* shown(port), "old")
        copyFileSync(next.key, files.key)
        yield* eventually(Effect.map(shown(port), (name) => name === "next"))
        yield* says(server, "Tls.loaded", 2)
        assert.lengthOf(server.output().split("Tls.refused"), 2)
        rmSync(files.cert)
        yield* says(server, "old.pem is not there")
        assert.strictEqual(yield* shown(port), "next")
        copyFileSync(next.cert, files.cert)
        yield* says(server, "Tls.loaded", 3)
        yield* roundTrip(alice)
      }).pipe(Effect.scoped),
    60_000
  )

  it.live("a link that leads elsewhere is a change, as certbot and Kubernetes make it", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      for (const name of ["one", "two"]) {
        const version = join(directory, name)
        mkdirSync(version)
        const { cert, key } = selfSigned(version, name)
        renameSync(cert, join(version, "tls.crt"))
        renameSync(key, join(version, "tls.key"))
      }
      symlinkSync("one", join(directory, "..data"))
      for (const file of ["tls.crt", "tls.key"]) symlinkSync(`..data/${file}`, join(directory, file))
      const server = yield* startServer(flagsOf({ cert: join(directory, "tls.crt"), key: join(directory, "tls.key") }))
      assert.strictEqual(yield* shown(server.port), "one")
      symlinkSync("two", join(directory, "..new"))
      renameSync(join(directory, "..new"), join(directory, "..data"))
      yield* eventually(Effect.map(shown(server.port), (name) => name === "two"))
      assert.notInclude(server.output(), "Tls.refused")
    }).pipe(Effect.scoped), 60_000)

  it.live("says that a certificate ends soon", () =>
    Effect.gen(function*() {
      const server = yield* startServer(flagsOf(selfSigned(yield* temporaryDirectory, "short", 3)))
      assert.match(server.output(), /Tls\.expires[^]*state: ends soon/)
    }).pipe(Effect.scoped))

  it.live("refuses with one sentence: half of it, and files that will not do", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const { cert, key } = selfSigned(directory)
      yield* refuses(["serve", "--tls-cert", cert], /Give both --tls-cert and --tls-key/)
      yield* refuses(["serve", "--tls-key", key], /Give both --tls-cert and --tls-key/)
      yield* refuses(
        ["serve", "--port", "0", ...flagsOf({ cert, key: selfSigned(directory, "other").key })],
        /^The key .*other\.key does not belong to the certificate .*server\.pem; give .*\.\n$/
      )
    }).pipe(Effect.scoped), 60_000)
})

describe("SIGHUP", () => {
  it.live("without TLS: a line in the log, and the server goes on", () =>
    Effect.gen(function*() {
      const server = yield* startServer(["--store", "memory"])
      const alice = yield* connect({ port: server.port, user: "alice", level: "v1" })
      server.kill("SIGHUP")
      yield* says(server, "Signal.ignored")
      yield* roundTrip(alice)
      server.kill("SIGTERM")
      assert.strictEqual(yield* server.exited, 0)
    }).pipe(Effect.scoped))

  it.live.skipIf(!hasTmux)(
    "because the terminal was closed: the server stops as it does on SIGTERM",
    () =>
      Effect.gen(function*() {
        const terminal = yield* inTerminal(["serve", "--store", "memory", "--port", "0"], 200)
        yield* terminal.shows(/listens: http:\/\/localhost:\d+/)
        const port = Number(/localhost:(\d+)/.exec(terminal.screen())![1])
        const alice = yield* connect({ port, user: "alice", level: "v1" })
        terminal.close()
        yield* alice.waitFor("draining")
        assert.strictEqual(yield* alice.closed, 4001)
      }).pipe(Effect.scoped)
  )
})
