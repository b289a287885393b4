/** nginx, HAProxy and Caddy, as docs/ configures them, before servers of the test. */
import { assert } from "@effect/vitest"
import { Deferred, Effect, type Scope } from "effect"
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { type AddressInfo, connect, createServer } from "node:net"
import { userInfo } from "node:os"
import { join } from "node:path"
import { root } from "./ServerProcess.ts"
import { temporaryDirectory } from "./stores.ts"
import { until } from "./until.ts"

/** Debian keeps them where a shell of an ordinary user does not look. */
const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin` }

interface Kind {
  readonly file: string
  readonly listens: string
  readonly args: (config: string, directory: string) => ReadonlyArray<string>
  /** What a user who is not root needs beside it. */
  readonly more: (text: string, directory: string) => string
}

const kinds = {
  nginx: {
    file: "docs/nginx.conf",
    listens: "listen 80;",
    args: (config, directory) => {
      const user = userInfo().uid === 0 ? " user root;" : ""
      return ["-c", config, "-p", directory, "-g", `daemon off; error_log stderr; pid ${directory}/pid;${user}`]
    },
    more: (text, directory) => {
      const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) =>
        `  ${name}_temp_path ${directory}/${name};`
      )
      return text.replace("http {\n", `http {\n${paths.join("\n")}\n`)
    }
  },
  haproxy: {
    file: "docs/haproxy.cfg",
    listens: "bind :80\n",
    args: (config) => ["-db", "-f", config],
    more: (text) => text
  },
  caddy: {
    file: "docs/Caddyfile",
    listens: "\n:80 {",
    args: (config) => ["run", "--config", config, "--adapter", "caddyfile"],
    // What it keeps, it keeps in a home of its own.
    more: (text, directory) => text.replace("admin off\n", `admin off\n\tstorage file_system ${directory}\n`)
  }
} satisfies Record<string, Kind>

export type ProxyName = keyof typeof kinds

export const proxyNames = Object.keys(kinds) as ReadonlyArray<ProxyName>

const missing = proxyNames.filter((name) =>
  spawnSync(name, [name === "caddy" ? "version" : "-v"], { env }).status !== 0
)

if (missing.length > 0) {
  const message = `No ${missing.join(" and no ")}: their configurations in docs/ cannot be tried.`
  // CI installs them, so there their absence is a failure and not a reason to skip.
  if (process.env["CI"] !== undefined) throw new Error(message)
  process.stderr.write(`\n!!! SKIPPED: ${message}\n\n`)
}

export const hasProxy = (name: ProxyName): boolean => !missing.includes(name)

export const textOf = (name: ProxyName): string => readFileSync(join(root, kinds[name].file), "utf8")

const freePort = Effect.callback<number>((resume) => {
  const server = createServer()
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo
    server.close(() => resume(Effect.succeed(port)))
  })
})

const answers = (port: number) =>
  Effect.callback<boolean>((resume) => {
    const socket = connect(port, "127.0.0.1")
    const done = (open: boolean) => {
      socket.destroy()
      resume(Effect.succeed(open))
    }
    socket.once("connect", () => done(true))
    socket.once("error", () => done(false))
  })

/** A place in the file that is the test's to fill in; it has to be there. */
const fill = (text: string, place: string, value: string): string => {
  assert.lengthOf(text.split(place), 2, place)
  return text.replace(place, value)
}

/** Answers the port at which it listens; ends with the scope. */
export const startProxy = Effect.fnUntraced(function*(
  name: ProxyName,
  servers: readonly [number, number]
): Effect.fn.Return<number, never, Scope.Scope> {
  const kind: Kind = kinds[name]
  const directory = yield* temporaryDirectory
  const port = yield* freePort
  let text = fill(
    textOf(name),
    kind.listens,
    kind.listens.replace(/:?80/, name === "caddy" ? `http://127.0.0.1:${port}` : `127.0.0.1:${port}`)
  )
  for (const [i, place] of ["127.0.0.1:8081", "127.0.0.1:8082"].entries()) {
    assert.include(text, place)
    text = text.replaceAll(place, `127.0.0.1:${servers[i]}`)
  }
  const config = join(directory, "config")
  writeFileSync(config, kind.more(text, directory))
  const exited = yield* Deferred.make<void>()
  let said = ""
  const child: ChildProcess = yield* Effect.acquireRelease(
    Effect.sync(() => {
      const child = spawn(name, kind.args(config, directory), { env, stdio: ["ignore", "pipe", "pipe"] })
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => said += data.toString())
      child.once("exit", () => Deferred.doneUnsafe(exited, Effect.void))
      return child
    }),
    (child) => {
      child.kill("SIGTERM")
      return Deferred.await(exited)
    }
  )
  const died = Effect.andThen(Deferred.await(exited), Effect.suspend(() => Effect.die(new Error(`${name}: ${said}`))))
  yield* Effect.raceFirst(until(answers(port)), died)
  assert.isNull(child.exitCode, said)
  return port
})
