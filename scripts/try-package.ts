/**
 * The package as others get it, in empty apps of their own: with the lowest and the newest `effect` of the range there is
 * one copy of it, the README's app compiles and runs, and the command line sends a message. It asks the registry.
 */
import { execFileSync, spawn, type SpawnOptions } from "node:child_process"
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))

interface Manifest {
  readonly peerDependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest
const peers = Object.keys(manifest.peerDependencies)

const run = (cwd: string, command: string, ...args: ReadonlyArray<string>): string =>
  execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] })

const must = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what)
}

const lowest = () => Object.fromEntries(peers.map((name) => [name, manifest.peerDependencies[name]!.replace("^", "")]))

/** The registry lists them by version, the last one being the newest. */
const newest = () =>
  Object.fromEntries(peers.map((name) => {
    const range = `${name}@${manifest.peerDependencies[name]}`
    const found = JSON.parse(run(root, "npm", "view", range, "version", "--json")) as string | ReadonlyArray<string>
    return [name, typeof found === "string" ? found : found.at(-1)!]
  }))

const readme = readFileSync(join(root, "README.md"), "utf8")
const embed = /## Embed it\n.*?```ts\n(.*?)```/s.exec(readme)![1]!

/** The README's app with routes of its own, on a free port, which it prints. */
const app = `${
  embed.replace("import { HttpRouter }", "import { HttpRouter, HttpServer, HttpServerResponse }")
    .replace("import { Layer }", "import { Console, Effect, Layer }")
    .replace(
      "export const app",
      "const yourRoutes = HttpRouter.add(\"GET\", \"/yours\", HttpServerResponse.text(\"yours\"))\n$&"
    )
    .replace("port: 3000", "port: 0")
}
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { AdminClient } from "switchboard/admin"

export const admin = AdminClient.layer({ url: "http://127.0.0.1:3000" })

const told = Layer.effectDiscard(
  Effect.flatMap(HttpServer.HttpServer, ({ address }) =>
    Console.log(\`listens \${address._tag === "UnixPathAddress" ? "" : address.port}\`))
)

NodeRuntime.runMain(Layer.launch(told.pipe(Layer.provide(app))))
`

const settings = {
  compilerOptions: {
    module: "NodeNext",
    target: "ES2024",
    lib: ["ES2024", "DOM"],
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: false
  },
  files: ["main.ts"]
}

const portOf = (cwd: string, options: SpawnOptions) => {
  const child = spawn(process.execPath, ["main.ts"], { ...options, cwd, stdio: ["ignore", "pipe", "inherit"] })
  const port = new Promise<number>((resolve, reject) => {
    child.stdout!.on("data", (data: Buffer) => {
      const found = /listens (\d+)/.exec(data.toString())
      if (found !== null) resolve(Number(found[1]))
    })
    child.once("exit", () => reject(new Error("the app ended before it listened")))
  })
  return { child, port }
}

const tryWith = async (directory: string, tarball: string, versions: Readonly<Record<string, string>>) => {
  const own = Object.entries(versions).map(([name, version]) => `${name}@${version}`)
  mkdirSync(directory)
  writeFileSync(join(directory, "package.json"), JSON.stringify({ name: "an-app", private: true, type: "module" }))
  writeFileSync(join(directory, "main.ts"), app)
  writeFileSync(join(directory, "tsconfig.json"), JSON.stringify(settings))
  run(directory, "npm", "install", "--no-audit", "--no-fund", "--loglevel=error", tarball, ...own)
  const copies = globSync(["node_modules/effect/package.json", "node_modules/**/node_modules/effect/package.json"], {
    cwd: directory
  })
  must(copies.length === 1, `one copy of effect, not ${copies.join(", ")}`)

  // The compiler and the types of Node are this repository's; the app's are what it got.
  const types = ["--typeRoots", join(root, "node_modules/@types")]
  run(directory, process.execPath, join(root, "node_modules/typescript/bin/tsc"), "-p", directory, ...types)

  const { child, port } = portOf(directory, {})
  try {
    const url = `http://127.0.0.1:${await port}`
    must(await (await fetch(`${url}/yours`)).text() === "yours", "the app's own route answers")
    must((await fetch(`${url}/`)).status === 200, "the page is there")
    const said = run(
      directory,
      process.execPath,
      "node_modules/switchboard/bin/switchboard.js",
      "send",
      "--as",
      "alice",
      "--to",
      "bob",
      "--url",
      url,
      "hello"
    )
    must(said === "Accepted as #1 of dm:alice:bob.\n", `the message is accepted, not: ${said}`)
  } finally {
    child.removeAllListeners("exit")
    child.kill("SIGTERM")
    await new Promise((resolve) => child.once("exit", resolve))
  }
  process.stdout.write(`It works with one copy of ${own.join(" and ")}.\n`)
}

const directory = mkdtempSync(join(tmpdir(), "switchboard-package-"))
try {
  const [packed] = Object.values(
    JSON.parse(run(root, "npm", "pack", "--json", "--ignore-scripts", "--pack-destination", directory)) as Record<
      string,
      { readonly filename: string; readonly size: number; readonly unpackedSize: number }
    >
  )
  const { filename, size, unpackedSize } = packed!
  process.stdout.write(
    `${filename}: ${Math.round(size / 1024)} KiB, unpacked ${Math.round(unpackedSize / 1024)} KiB.\n`
  )
  must(!run(directory, "tar", "tzf", filename).includes(".map\n"), "nothing in it is there for a debugger")
  const tries = [lowest(), newest()]
  const different = tries.filter((each, i) =>
    tries.findIndex((one) => JSON.stringify(one) === JSON.stringify(each)) === i
  )
  for (const [i, versions] of different.entries()) {
    await tryWith(join(directory, String(i)), join(directory, filename), versions)
  }
} finally {
  rmSync(directory, { recursive: true, force: true })
}
