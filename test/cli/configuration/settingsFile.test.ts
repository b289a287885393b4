/** The file of `--config`: what it may be, and the sentence for what it may not be. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { chmodSync, symlinkSync, writeFileSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { readSettings } from "../../../src/cli/configuration/settingsFile.ts"
import type { Declared } from "../../../src/cli/configuration/Sources.ts"
import { temporaryDirectory } from "../../support/stores.ts"

const known: ReadonlyArray<Declared> = [
  { name: "port", kind: "number" },
  { name: "host", kind: "text" },
  { name: "no-web", kind: "toggle" },
  { name: "store", kind: "choice", choices: ["sqlite", "memory"] },
  { name: "trusted-proxy", kind: "list" },
  { name: "jwt-secret", kind: "secret" },
  { name: "max-frame-bytes", kind: "number" }
]

const written = Effect.fnUntraced(function*(name: string, content: string | Uint8Array) {
  const path = join(yield* temporaryDirectory, name)
  writeFileSync(path, content)
  return path
})

const readFrom = Effect.fnUntraced(function*(name: string, content: string | Uint8Array) {
  const { file, warnings } = yield* readSettings(yield* written(name, content), known)
  return { values: Object.fromEntries(file.values), warnings }
})

/** Its sentence, with `FILE` for the path. */
const whyOf = (path: string) =>
  Effect.map(
    Effect.flip(readSettings(path, known)),
    (error) => path === "" ? error.message : error.message.replaceAll(path, "FILE")
  )

const secret = "do not show this"

const good: ReadonlyArray<readonly [name: string, content: string]> = [
  [
    "a.toml",
    `# a comment\r\nport = 9_000\r\nhost = "::"\nno-web = true\nstore = 'memory'\ntrusted-proxy = ["10.0.0.0/8", "::1"]\n`
  ],
  ["a.json", `{"port":9000,"host":"::","no-web":true,"store":"memory","trusted-proxy":["10.0.0.0/8","::1"]}`],
  ["json", `\uFEFF  {"port":9e3,"host":"::","no-web":true,"store":"memory","trusted-proxy":"10.0.0.0/8,::1"}`],
  ["toml.conf", `\uFEFFport = 0x2328\nhost = "\\u003a:"\nno-web=true\nstore="memory"\ntrusted-proxy="10.0.0.0/8,::1"`]
]

const bad: ReadonlyArray<readonly [name: string, content: string | Uint8Array, sentence: string | RegExp]> = [
  ["a.toml", "max-frame-byte = 1", "Unknown setting \"max-frame-byte\" in FILE; did you mean \"max-frame-bytes\"?"],
  ["a.toml", "maxFrameBytes = 1", "Unknown setting \"maxFrameBytes\" in FILE; did you mean \"max-frame-bytes\"?"],
  ["a.json", "{\"zzzz\":1}", /^Unknown setting "zzzz" in FILE; "switchboard serve --help" tells what there is\.$/],
  ["a.json", "{\"__proto__\":1}", /^Unknown setting "__proto__" in FILE/],
  ["a.json", "{\"constructor\":1}", /^Unknown setting "constructor" in FILE/],
  ["a.toml", "[limits]\nport = 1", /^"limits" in FILE is a section; put its settings at the top/],
  ["a.toml", "limits.port = 1", /^"limits" in FILE is a section/],
  ["a.toml", "port = \"9000\"", "port = \"9000\" in FILE will not do; give it a whole number, without quotes."],
  ["a.toml", "port = 1.5", /^port = 1.5 in FILE will not do/],
  ["a.toml", "port = nan", /^port = null in FILE will not do/],
  ["a.toml", "port = 99999999999999999999", /^FILE is broken TOML at line 1/],
  ["a.json", "{\"port\":null}", "port = null in FILE will not do; give it a whole number, without quotes."],
  ["a.json", "{\"port\":1e99}", /^port = 1e\+99 in FILE will not do/],
  ["a.toml", "no-web = \"yes\"", "no-web = \"yes\" in FILE will not do; give it true or false, without quotes."],
  ["a.toml", "no-web = 1", /^no-web = 1 in FILE/],
  ["a.toml", "host = 1", "host = 1 in FILE will not do; give it a text in quotes."],
  ["a.toml", "host = 1979-05-27", /^host = "1979-05-27" in FILE will not do/],
  ["a.toml", "store = \"sqlight\"", /^store = "sqlight" in FILE will not do; give it one of "sqlite", "memory"\.$/],
  ["a.toml", "store = \"\"", /^store = "" in FILE will not do/],
  ["a.toml", "trusted-proxy = [1]", "trusted-proxy = [1] in FILE will not do; give it a list of texts."],
  ["a.toml", "jwt-secret = 12345", "jwt-secret in FILE will not do; give it a text in quotes."],
  ["a.toml", "port = 1\nport = 2", /^FILE is broken TOML at line 2, column 1 \(.*\); mend it there\.$/],
  [
    "a.toml",
    `port = 1\njwt-secret = "${secret}`,
    /^FILE is broken TOML at line 2, column \d+ \(.*\); mend it there\.$/
  ],
  ["a.toml", "{\"port\":1}", /^FILE is broken TOML at line 1/],
  ["a.json", "{\"port\":1,\"port\":2}", "\"port\" is there twice in FILE; keep one of them."],
  ["a.json", "{\"port\":1,\"p\\u006frt\":2}", "\"port\" is there twice in FILE; keep one of them."],
  ["a.json", `{"jwt-secret":"${secret}",}`, /^FILE is broken JSON at line 1, column \d+; mend it there\.$/],
  ["a.json", "{\"port\":1", /^FILE is broken JSON at (its end|line 1, column 10); mend it there\.$/],
  ["a.json", "port = 1", /^FILE is no JSON\.$/],
  ["a.yaml", "port: 1", "FILE is YAML, which is not read; write it as TOML or JSON."],
  ["a.json", "[1]", /^FILE has to be an object/],
  ["a.json", "null", /^FILE has to be an object/],
  ["a.json", "[".repeat(100_000), /^FILE is broken JSON at /],
  ["a.toml", `port = ${"[".repeat(100_000)}`, /^FILE is broken TOML/],
  ["a.toml", Buffer.from("\uFEFFport = 1", "utf16le"), "FILE is UTF-16; save it as UTF-8."],
  ["a.toml", Buffer.from("port = 1", "utf16le"), /^FILE is not text/],
  ["a.toml", Buffer.from([0x68, 0x3d, 0x22, 0xe4, 0x22]), "FILE is not UTF-8; save it as UTF-8."],
  ["a.toml", Buffer.alloc(100_000_000, "#"), /^FILE is more than 1048576 bytes, so it is no file of settings/]
]

describe("a file of settings", () => {
  for (const [name, content] of good) {
    it.effect(`${name} is read`, () =>
      Effect.gen(function*() {
        const { values, warnings } = yield* readFrom(name, content)
        assert.deepStrictEqual(values, {
          port: "9000",
          host: "::",
          "no-web": "true",
          store: "memory",
          "trusted-proxy": "10.0.0.0/8,::1"
        })
        assert.deepStrictEqual(warnings, [])
      }))
  }

  for (const [name, content, sentence] of bad) {
    it.effect(`${name}: ${String(content.slice(0, 30))}`, () =>
      Effect.gen(function*() {
        const said = yield* whyOf(yield* written(name, content))
        if (typeof sentence === "string") assert.strictEqual(said, sentence)
        else assert.match(said, sentence)
        assert.notInclude(said, secret)
        assert.isBelow(said.length, 300)
      }))
  }

  it.effect("one that is empty sets nothing, and that is said", () =>
    Effect.gen(function*() {
      for (const [name, content] of [["a.toml", ""], ["a.json", " \n"], ["a.json", "{}"], ["a.toml", "# port = 1\n"]]) {
        const { values, warnings } = yield* readFrom(name!, content!)
        assert.deepStrictEqual(values, {})
        assert.match(warnings.join(), /sets nothing\.$/)
      }
    }))

  it.effect("what is no file is told as what it is", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      assert.strictEqual(yield* whyOf(directory), "FILE is a directory; give --config a file.")
      assert.match(
        yield* whyOf(join(directory, "none")),
        /^There is no file FILE; check --config or SWITCHBOARD_CONFIG/
      )
      assert.match(yield* whyOf(""), /^Give --config the name of a file/)
      symlinkSync("a", join(directory, "b"))
      symlinkSync("b", join(directory, "a"))
      assert.match(yield* whyOf(join(directory, "a")), /^FILE cannot be read/)
      assert.match(yield* whyOf("/dev/zero"), /^FILE is more than 1048576 bytes/)
    }))

  it.effect("one that may not be read", () =>
    Effect.gen(function*() {
      const path = yield* written("a.toml", "port = 1")
      chmodSync(path, 0)
      // Root may read everything.
      const isRoot = process.getuid?.() === 0
      yield* Effect.acquireRelease(
        Effect.sync(() => isRoot && process.seteuid?.(65_534)),
        () => Effect.sync(() => isRoot && process.seteuid?.(0))
      )
      assert.match(yield* whyOf(path), /^FILE may not be read by this user/)
    }))

  it.effect("a pipe is read as well, as process substitution has it", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const path = join(directory, "fifo")
      execFileSync("mkfifo", [path])
      const [{ file }] = yield* Effect.all([
        readSettings(path, known),
        Effect.promise(() => writeFile(path, "port = 1"))
      ], { concurrency: 2 })
      assert.strictEqual(file.values.get("port"), "1")
    }))

  it.effect("a secret that everybody may read is warned of, without it", () =>
    Effect.gen(function*() {
      const path = yield* written("a.toml", `jwt-secret = "${secret}"\nport = 1`)
      chmodSync(path, 0o644)
      const { warnings } = yield* readSettings(path, known)
      assert.deepStrictEqual(warnings, [
        `everybody on this machine may read jwt-secret in ${path}; "chmod 600" it.`
      ])
      chmodSync(path, 0o640)
      assert.deepStrictEqual((yield* readSettings(path, known)).warnings, [])
    }))
})
