/** A mistake at the command line is answered with one sentence on stderr; help comes when it is asked for. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { bin, isBun, root, runCommand, startServer } from "../support/ServerProcess.ts"

/** A command line, or its words, what is said of it, and the variables that are set. */
type Case = readonly [args: string | ReadonlyArray<string>, sentence: string, env?: Record<string, string>]

const cases: ReadonlyArray<Case> = [
  ["serve --prot 1", "There is no flag --prot; did you mean --port?"],
  ["serve --port abc", "--port cannot be \"abc\"; give it a whole number."],
  ["serve --port 99999", "Give --port a number from 0 to 65535."],
  ["serve", "SWITCHBOARD_PORT=abc will not do for --port; give it a whole number.", { SWITCHBOARD_PORT: "abc" }],
  ["serve --store foo", "--store cannot be \"foo\"; give it one of sqlite, postgres, memory."],
  [
    "serve",
    "SWITCHBOARD_STORE=foo will not do for --store; give it one of sqlite, postgres, memory.",
    { SWITCHBOARD_STORE: "foo" }
  ],
  [
    "serve",
    "SWITCHBOARD_NO_WEB=maybe will not do for --no-web; give it true or false.",
    { SWITCHBOARD_NO_WEB: "maybe" }
  ],
  [
    "serve",
    "SWITCHBOARD_PORT=99999 will not do: give --port a number from 0 to 65535.",
    { SWITCHBOARD_PORT: "99999" }
  ],
  ["serve --port 99998", "Give --port a number from 0 to 65535.", { SWITCHBOARD_PORT: "1" }],
  ["serve -p 99998", "Give --port a number from 0 to 65535.", { SWITCHBOARD_PORT: "1" }],
  [
    "send --as a --to b y",
    "SWITCHBOARD_URL=ftp://x will not do: give --url the address of a server, such as http://localhost:8080.",
    { SWITCHBOARD_URL: "ftp://x" }
  ],
  ["serve --trust-phone-header=maybe", "--trust-phone-header cannot be \"maybe\"; give it true or false."],
  ["serve --port 1 --port 2", "--port is there 2 times; give it once."],
  ["serve a b", "There is nothing to do with \"a\", \"b\"."],
  [
    ["send", "--as", "a b", "--to", "bob", "x"],
    "--as cannot be \"a b\"; give it a name: 1 to 128 letters, digits or . _ ~ ! $ & ' ( ) * + , ; = : @ / | % -, the first of them a letter, a digit or + _ -."
  ],
  ["send --to bob x", "Give --as."],
  ["send --as a --to b --url ftp://x y", "Give --url the address of a server, such as http://localhost:8080."]
]

const says = Effect.fnUntraced(function*(args: ReadonlyArray<string>, line: string, env?: Record<string, string>) {
  const { code, errors, output } = yield* runCommand(args, env)
  assert.deepStrictEqual([code, output, errors], [1, "", `${line}\n`])
})

const send = (url: string, ...more: ReadonlyArray<string>) =>
  runCommand(["send", "--as", "a", "--to", "b", "--url", url, ...more, "hi"])

describe("a mistake at the command line", () => {
  for (const [line, sentence, env] of cases) {
    const args = typeof line === "string" ? line.split(" ") : line
    const help = `switchboard ${args[0]} --help tells what there is.`
    it.live(`${JSON.stringify(env ?? {})} ${args.join(" ")}`, () => says(args, `${sentence} ${help}`, env), 30_000)
  }

  it.live(
    "a command that there is not",
    () => says(["sevre"], "There is no command \"sevre\"; did you mean serve? switchboard --help tells what there is."),
    30_000
  )

  it.live("a text of nothing", () =>
    says(
      ["send", "--as", "a", "--to", "b", "", " "],
      "Give a text that people can read; this one is empty, or has NULs in it."
    ), 30_000)

  it.live("with --json it is an object", () =>
    Effect.gen(function*() {
      const { code, errors } = yield* runCommand(["send", "--as", "a", "--to", "b", "--json", "--bogus", "y"])
      const message = "There is no flag --bogus. switchboard send --help tells what there is."
      assert.deepStrictEqual([code, JSON.parse(errors)], [1, { type: "error", code: "usage", message }])
    }), 30_000)

  it.live("help is on stdout when it is asked for, and is no mistake", () =>
    Effect.gen(function*() {
      const { code, errors, output } = yield* runCommand(["serve", "--help"])
      assert.deepStrictEqual([code, errors], [0, ""])
      assert.include(output, "--max-outbound-bytes")
    }), 30_000)

  it.live(
    "the address of the page is understood, and a server that wants a token says which flag has it",
    () =>
      Effect.gen(function*() {
        const open = yield* startServer(["--store", "memory"])
        const sent = yield* send(`http://127.0.0.1:${open.port}`)
        assert.deepStrictEqual([sent.code, sent.errors], [0, ""])
        const secret = "a secret that is longer than thirty-two bytes"
        const closed = yield* startServer(["--store", "memory", "--auth", "jwt", "--jwt-secret", secret])
        const refused = yield* send(`http://127.0.0.1:${closed.port}`)
        assert.strictEqual(refused.code, 1)
        assert.match(refused.errors, /^[^\n\\{]*--token[^\n\\{]*\.\n$/)
        const url = `http://127.0.0.1:${closed.port}/`
        const chat = yield* runCommand(["chat", "--as", "a", "--to", "b", "--url", url], {}, "hello\n")
        assert.deepStrictEqual([chat.code, chat.output, chat.errors], [1, "", refused.errors])
        const told = yield* send(url, "--json")
        assert.strictEqual((JSON.parse(told.errors) as { readonly code: string }).code, "unauthenticated")
      }).pipe(Effect.scoped),
    60_000
  )

  // Which Node this is Bun says as it likes.
  it.live.skipIf(isBun)("an old Node is told what is needed, as package.json has it", () =>
    Effect.gen(function*() {
      const { engines } = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as { engines: { node: string } }
      const needed = /^>=(\d+\.\d+)\.0$/.exec(engines.node)?.[1]
      const older = "Object.defineProperty(process.versions, 'node', { value: '20.20.2' })"
      const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(older)}` }
      const { code, errors } = yield* runCommand(["--version"], env, undefined, bin)
      const sentence = `Switchboard needs Node ${needed} or newer and this is Node 20.20.2; install a newer one.\n`
      assert.deepStrictEqual([code, errors], [1, sentence])
    }), 30_000)

  it.live("where compiled code cannot be kept, everything goes on without it", () =>
    Effect.gen(function*() {
      // Node itself would try for ever to make a directory in the first.
      for (const XDG_CACHE_HOME of ["/proc/nowhere", "/etc/passwd", "/tmp/switchboard-is-not-here/at-all"]) {
        const { code, errors } = yield* runCommand(["--version"], { XDG_CACHE_HOME }, undefined, bin)
        assert.deepStrictEqual([code, errors], [0, ""])
      }
    }), 30_000)
})
