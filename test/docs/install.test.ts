/** "Install" of docs/operations.md: the unit of systemd, the Dockerfile, the ways to start, and what codes mean. */
import { assert, describe, it } from "@effect/vitest"
import { validate } from "dockerfile-utils"
import { Deferred, Effect } from "effect"
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as CloseCode from "../../src/domain/CloseCode.ts"
import { ErrorCode } from "../../src/domain/Errors.ts"
import { eventually } from "../support/eventually.ts"
import { root, runCommand } from "../support/ServerProcess.ts"
import { temporaryDirectory } from "../support/stores.ts"
import { connect, roundTrip } from "../support/TestClient.ts"

const read = (file: string) => readFileSync(join(root, file), "utf8")

const unit = read("docs/switchboard.service")
const dockerfile = read("docs/Dockerfile")

const { devDependencies } = JSON.parse(read("package.json")) as {
  readonly devDependencies: Readonly<Record<string, string>>
}

/** The values of a key of the unit, as systemd splits them. */
const words = (key: string): ReadonlyArray<string> =>
  Array.from(unit.matchAll(new RegExp(`^${key}=(.*)$`, "gm")), ([, value]) => value!.split(" ")).flat()

/** The JSON of an instruction in its exec form, or what stands after it. */
const instruction = (name: string): string => new RegExp(`^${name} (.*)$`, "m").exec(dockerfile)![1]!

const exec = (name: string): ReadonlyArray<string> => JSON.parse(/\[.*\]/.exec(instruction(name))![0])

const variables = (settings: ReadonlyArray<string>): Record<string, string> =>
  Object.fromEntries(settings.map((each) => [each.split("=")[0]!, each.slice(each.indexOf("=") + 1)]))

const known = Effect.map(
  runCommand(["serve", "--help"]),
  ({ output }) => ({
    flags: Array.from(output.matchAll(/--[a-z-]+/g), ([flag]) => flag),
    variables: Array.from(output.matchAll(/env: (SWITCHBOARD_[A-Z_]+)/g), ([, name]) => name!)
  })
)

interface Started {
  readonly child: ChildProcess
  readonly output: () => string
  readonly port: number
  /** Nobody has its output any more: it, and whatever it started, has ended. */
  readonly over: Effect.Effect<void>
}

/** A command as somebody types it, until it listens. */
const start = Effect.fnUntraced(function*(command: ReadonlyArray<string>, env: Record<string, string> = {}) {
  const over = yield* Deferred.make<void>()
  let output = ""
  const child = yield* Effect.acquireRelease(
    Effect.sync(() => {
      const child = spawn(command[0]!, command.slice(1), {
        cwd: root,
        env: { ...process.env, NO_COLOR: "1", ...env },
        stdio: ["ignore", "pipe", "pipe"],
        detached: true
      })
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => output += data.toString())
      child.once("close", () => Deferred.doneUnsafe(over, Effect.void))
      return child
    }),
    (child) =>
      Effect.sync(() => {
        try {
          // With whatever it started.
          process.kill(-child.pid!, "SIGKILL")
        } catch {
          // It has ended.
        }
      })
  )
  const listens = /listens: http:\/\/[^:]+:(\d+)/
  yield* Effect.raceFirst(
    eventually(Effect.sync(() => listens.test(output))),
    Effect.flatMap(Deferred.await(over), () => Effect.die(new Error(output)))
  )
  const started: Started = {
    child,
    output: () => output,
    port: Number(listens.exec(output)![1]),
    over: Deferred.await(over)
  }
  return started
})

/** A client hears of the stop and is let go, and nothing is left of the command. */
const drains = Effect.fnUntraced(function*({ child, output, over, port }: Started) {
  const alice = yield* connect({ port, user: "alice", level: "v1" })
  child.kill("SIGTERM")
  yield* alice.waitFor("draining")
  assert.strictEqual(yield* alice.closed, 4001)
  yield* over
  return [child.exitCode, child.signalCode, output()] as const
})

describe("SIGTERM of a supervisor reaches the server", () => {
  const free = ["--port", "0", "--store", "memory"]

  it.live("directly", () =>
    Effect.gen(function*() {
      const [code] = yield* drains(yield* start([process.execPath, "bin/switchboard.js", "serve", ...free]))
      assert.strictEqual(code, 0)
    }).pipe(Effect.scoped))

  it.live("through npm start", () =>
    Effect.gen(function*() {
      const [code] = yield* drains(yield* start(["npm", "start", "--", ...free]))
      assert.strictEqual(code, 0)
    }).pipe(Effect.scoped), 120_000)

  it.live("through npx, which itself ends at once", () =>
    Effect.gen(function*() {
      const [, signal] = yield* drains(yield* start(["npx", "switchboard", "serve", ...free]))
      assert.strictEqual(signal, "SIGTERM")
    }).pipe(Effect.scoped), 120_000)
})

const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0

if (!hasSystemd) {
  // CI installs it, so there its absence is a failure and not a reason to skip.
  if (process.env["CI"] !== undefined) {
    throw new Error("No systemd-analyze: docs/switchboard.service cannot be checked.")
  }
  process.stderr.write("\n!!! SKIPPED: No systemd-analyze: docs/switchboard.service cannot be checked.\n\n")
}

describe("docs/switchboard.service", () => {
  it.live.skipIf(!hasSystemd)("is a unit of systemd", () =>
    Effect.gen(function*() {
      const file = join(yield* temporaryDirectory, "switchboard.service")
      writeFileSync(file, unit.replace("/usr/bin/node", process.execPath))
      const { status, stderr } = spawnSync("systemd-analyze", ["verify", file], { encoding: "utf8" })
      assert.deepStrictEqual([status, stderr], [0, ""])
    }).pipe(Effect.scoped))

  it.live(
    "starts the server with flags and variables that there are, reloads it and stops it",
    () =>
      Effect.gen(function*() {
        const [node, program, ...args] = words("ExecStart")
        assert.deepStrictEqual([node, program?.endsWith("/node_modules/switchboard/bin/switchboard.js")], [
          "/usr/bin/node",
          true
        ])
        const env = variables(words("Environment"))
        const { flags, variables: names } = yield* known
        assert.includeMembers([...flags], args.filter((word) => word.startsWith("--")))
        assert.includeMembers([...names], Object.keys(env).filter((name) => name.startsWith("SWITCHBOARD_")))
        assert.deepStrictEqual(words("ExecReload"), ["/bin/kill", "-HUP", "$MAINPID"])
        const directory = yield* temporaryDirectory
        const here = Object.fromEntries(
          Object.entries(env).map(([name, value]) => [name, value.replace(/^\/var\/(lib|cache)/, directory)])
        )
        const data = { ...here, SWITCHBOARD_DATA: join(directory, "switchboard.db"), SWITCHBOARD_PORT: "0" }
        const server = yield* start([process.execPath, "bin/switchboard.js", ...args], data)
        const bob = yield* connect({ port: server.port, user: "bob", level: "v1" })
        process.kill(server.child.pid!, "SIGHUP")
        yield* eventually(Effect.sync(() => server.output().includes("message=Signal.ignored")))
        yield* roundTrip(bob)
        assert.strictEqual((yield* drains(server))[0], 0)
      }).pipe(Effect.scoped),
    60_000
  )
})

describe("docs/Dockerfile", () => {
  it("has no fault that the linter finds, and the linter finds faults", () => {
    assert.deepStrictEqual(validate(dockerfile), [])
    assert.isNotEmpty(validate(dockerfile.replace("USER node", "USR node")))
  })

  it("has the versions that the tests ran with", () => {
    const major = devDependencies["node"]!.split(".")[0]!
    assert.deepStrictEqual(Array.from(dockerfile.matchAll(/^FROM node:(\d+)/gm), ([, version]) => version), [
      major,
      major
    ])
    for (const name of ["effect", "@effect/platform-node"]) {
      assert.include(dockerfile, ` ${name}@${devDependencies[name]}`)
    }
  })

  it.live(
    "starts a server as nobody of importance, tells whether it lives, and stops it",
    () =>
      Effect.gen(function*() {
        assert.deepStrictEqual([instruction("USER"), instruction("STOPSIGNAL")], ["node", "SIGTERM"])
        const env = variables(instruction("ENV").split(" "))
        const { variables: names } = yield* known
        assert.includeMembers([...names], Object.keys(env).filter((name) => name.startsWith("SWITCHBOARD_")))
        assert.strictEqual(instruction("VOLUME"), "/data")
        assert.strictEqual(instruction("EXPOSE"), env["SWITCHBOARD_PORT"])
        const [node, program, ...more] = [...exec("ENTRYPOINT"), ...exec("CMD")]
        assert.deepStrictEqual([node, program], ["node", "node_modules/switchboard/bin/switchboard.js"])
        const directory = yield* temporaryDirectory
        const here = {
          ...env,
          SWITCHBOARD_PORT: "0",
          SWITCHBOARD_DATA: env["SWITCHBOARD_DATA"]!.replace("/data", directory)
        }
        // Listening on every address, as it has to there, it wants to know whom to believe.
        const bare = yield* runCommand(more, here)
        assert.strictEqual(bare.code, 1)
        assert.match(bare.errors, /--trusted-proxy or --trust-phone-header/)
        const server = yield* start([process.execPath, "bin/switchboard.js", ...more, "--trust-phone-header"], here)
        const [, ...check] = exec("HEALTHCHECK")
        const lives = (port: number) =>
          spawnSync(process.execPath, check.map((word) => word.replace(":8080", `:${port}`))).status
        assert.strictEqual(lives(server.port), 0)
        assert.strictEqual((yield* drains(server))[0], 0)
        assert.strictEqual(lives(server.port), 1)
      }).pipe(Effect.scoped),
    60_000
  )
})

describe("what codes mean to an operator", () => {
  const section = read("docs/operations.md").split("## What codes mean\n")[1]!.split("\n## ")[0]!
  const rows = Array.from(section.matchAll(/^\| `?(\w+)`? +\|(.*)\|$/gm), ([, code, rest]) => [code!, rest!] as const)

  it("is said of every error code and every close code", () => {
    const codes = rows.map(([code]) => code).filter((code) => code !== "code")
    assert.sameMembers(codes, [...ErrorCode.literals, ...CloseCode.all.map(({ code }) => String(code))])
    for (const [, rest] of rows) assert.isAbove(rest.split("|").filter((cell) => cell.trim() !== "").length, 1)
  })
})
