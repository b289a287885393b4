/** `switchboard chat` and `send` without a terminal: for scripts. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileOutbox } from "../../src/client/fileOutbox.ts"
import { runCommand, type ServerProcess, startServer } from "../support/ServerProcess.ts"
import { temporaryDirectory } from "../support/stores.ts"
import { connect } from "../support/TestClient.ts"

const secret = "a secret that is longer than thirty-two bytes"

const test = (
  name: string,
  body: (server: ServerProcess, url: ReadonlyArray<string>) => Effect.Effect<void, unknown, Scope.Scope>,
  args: ReadonlyArray<string> = []
) =>
  it.live(name, () =>
    Effect.gen(function*() {
      const server = yield* startServer(["--store", "memory", ...args])
      yield* body(server, ["--url", `ws://127.0.0.1:${server.port}/ws`])
    }).pipe(Effect.scoped), 60_000)

/** As a program that could not say it has left it. */
const writePending = (path: string) => {
  const message = { id: "m1", target: { recipient: "bob" }, text: "first, from the last time", at: 1 }
  fileOutbox(path).put(message)
}

const script = (lines: ReadonlyArray<string>) => lines.map((line) => `${line}\n`).join("")

/** What was printed, without the times. */
const linesOf = (output: string) => output.trim().split("\n").map((line) => line.replace(/^\d\d:\d\d /, ""))

describe("switchboard send", () => {
  test(
    "waits until the message is accepted, and the same id again is the same message",
    ({ port }, url) =>
      Effect.gen(function*() {
        const bob = yield* connect({ port, user: "bob", level: "v1" })
        const args = ["send", "--as", "alice", "--to", "bob", ...url, "--id", "order-17", "hello"]
        const first = yield* runCommand(args)
        assert.deepStrictEqual([first.code, first.output, first.errors], [0, "Accepted as #1 of dm:alice:bob.\n", ""])
        const again = yield* runCommand(args)
        assert.deepStrictEqual([again.code, again.output], [0, "Accepted as #1 of dm:alice:bob.\n"])
        assert.strictEqual((yield* bob.waitFor("incoming_message")).text, "hello")
      })
  )

  test(
    "exit code 1 and the server's sentence when it is refused, 2 when nobody answers",
    (_, url) =>
      Effect.gen(function*() {
        const refused = yield* runCommand(["send", "--as", "alice", "--group", "nothing", ...url, "hello"])
        assert.strictEqual(refused.code, 1)
        assert.match(refused.errors, /There is no such conversation of yours/)
        const nowhere = ["--url", "ws://127.0.0.1:1/ws", "--timeout", "1"]
        const silent = yield* runCommand(["send", "--as", "alice", "--to", "bob", ...nowhere, "hello"])
        assert.strictEqual(silent.code, 2)
        assert.match(silent.errors, /No answer in 1 seconds: ws:\/\/127\.0\.0\.1:1\/ws .*Is the server running there\?/)
        const toNobody = yield* runCommand(["send", "--as", "alice", ...url, "hello"])
        assert.strictEqual(toNobody.code, 1)
        assert.match(toNobody.errors, /Give --to USER or --group ID\./)
        for (const { errors } of [refused, silent, toNobody]) assert.notMatch(errors, /\n\s+at /)
      })
  )

  test("without a text it says what comes on stdin, as one message", ({ port }, url) =>
    Effect.gen(function*() {
      const bob = yield* connect({ port, user: "bob", level: "v1" })
      const args = ["send", "--as", "disks", "--to", "bob", ...url]
      const piped = yield* runCommand(args, undefined, "87 % full\n  of two 漢字\n")
      assert.deepStrictEqual([piped.code, piped.errors], [0, ""])
      assert.strictEqual((yield* bob.waitFor("incoming_message")).text, "87 % full\n  of two 漢字")
      const empty = yield* runCommand(args, undefined, "\n")
      assert.deepStrictEqual([empty.code, empty.output], [1, ""])
      assert.match(empty.errors, /Nothing came on stdin; give a text\./)
      const long = yield* runCommand(args, undefined, "x".repeat(20_000))
      assert.strictEqual(long.code, 1)
      assert.match(long.errors, /The text is longer than/)
    }))

  test("with a token, which has to be one's own", (_, url) =>
    Effect.gen(function*() {
      const env = { SWITCHBOARD_JWT_SECRET: secret }
      const token = (yield* runCommand(["token", "--user", "alice"], env)).output.trim()
      const send = (as: string, env: Record<string, string>) =>
        runCommand(["send", "--as", as, "--to", "carol", ...url, "hello"], env)
      assert.strictEqual((yield* send("alice", { SWITCHBOARD_TOKEN: token })).code, 0)
      const other = yield* send("bob", { SWITCHBOARD_TOKEN: token })
      assert.strictEqual(other.code, 1)
      assert.match(other.errors, /The token is alice's; use --as alice\./)
      const none = yield* send("alice", {})
      assert.strictEqual(none.code, 1)
      assert.match(none.errors, /^\S.*\.\n$/)
    }), ["--auth", "jwt", "--jwt-secret", secret])
})

describe("for programs", () => {
  test("each thing is one JSON object on a line, what went wrong too", ({ port }, url) =>
    Effect.gen(function*() {
      const bob = yield* connect({ port, user: "bob", level: "v1" })
      const sent = yield* runCommand(["send", "--as", "alice", "--to", "bob", "--json", ...url, "hello"])
      const accepted = JSON.parse(sent.output) as { readonly type: string; readonly seq: number }
      assert.deepStrictEqual([accepted.type, accepted.seq], ["message_accepted", 1])
      yield* bob.waitFor("incoming_message")
      const input = script(["/reply 1 and again", "/list", "/receipts", "/group rename x", "/nothing"])
      const done = yield* runCommand(["chat", "--as", "alice", "--to", "bob", "--json", ...url], {}, input)
      const values = done.output.trim().split("\n").map((line) => JSON.parse(line) as { readonly type: string })
      for (const type of ["history_page", "incoming_message", "conversation_list", "receipt_list"]) {
        assert.include(values.map((value) => value.type), type)
      }
      assert.include(
        values.find((value) => "reply_to" in value),
        { text: "and again", reply_to: 1 } as object
      )
      const notices = done.errors.trim().split("\n").filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line) as { readonly message: string })
      assert.deepStrictEqual(notices.map(({ message }) => message), [
        "This is no group; go to one with /to #NAME.",
        "There is no /nothing; /help tells what there is.",
        "1 of the lines could not be carried out."
      ])
    }))
})

describe("switchboard chat in a script", () => {
  test("each line is a message or a command, and what happens is printed", ({ port }, url) =>
    Effect.gen(function*() {
      const bob = yield* connect({ port, user: "bob", level: "v1" })
      bob.send({ type: "chat_message", recipient: "alice", text: "before\u001b[2J", id: "1" })
      yield* bob.waitFor("message_accepted")
      const input = script([
        "helo",
        "/edit 2 hello",
        "/react 1 👍",
        "//not a command",
        "/delete 5",
        "/group create friends bob",
        "to the group",
        "/who",
        "/block eve",
        "/unblock eve",
        "/search -a hell",
        "/search nothing-like-it",
        "/more"
      ])
      const done = yield* runCommand(["chat", "--as", "alice", "--to", "bob", ...url], {}, input)
      assert.strictEqual(done.code, 0, done.errors)
      const lines = linesOf(done.output)
      const expected = [
        "#1 bob: before␛[2J",
        "#2 alice: helo",
        "#3 alice changed #2: hello",
        "#4 alice reacted 👍 to #1",
        "#5 alice: /not a command",
        "#6 alice deleted #5",
        "#1 alice created the group friends with alice, bob",
        "#2 alice: to the group",
        "    alice, owner",
        "* Blocked: eve",
        "* Blocked: nobody",
        "* Nothing was found."
      ]
      for (const line of expected) {
        assert.strictEqual(lines.filter((each) => each === line).length, 1, `${line} in ${done.output}`)
      }
      assert.match(done.output, /\n {2}\d\d \w+ \d{4}, \d\d:\d\d #2 \[bob\] alice: \*hello\*\n/)
      assert.match(done.errors, /There is no more; look for something with \/search WORDS\./)
      const said = yield* bob.waitFor("incoming_message")
      assert.strictEqual(said.text, "helo")
    }))

  test(
    "exit code 1 when a line could not be carried out, and the reason on stderr",
    (_, url) =>
      Effect.gen(function*() {
        const done = yield* runCommand(
          ["chat", "--as", "alice", ...url],
          {},
          script(["hello?", "/nothing", "/to bob", "hi"])
        )
        assert.strictEqual(done.code, 1)
        assert.match(done.errors, /There is no \/nothing/)
        assert.match(done.output, /#1 alice: hi/)
      })
  )

  it.live("what was not accepted is kept in --outbox, and said the next time", () =>
    Effect.gen(function*() {
      const outbox = join(yield* temporaryDirectory, "outbox")
      writePending(outbox)
      const { port } = yield* startServer(["--store", "memory"])
      const bob = yield* connect({ port, user: "bob", level: "v1" })
      const url = ["--url", `ws://127.0.0.1:${port}/ws`, "--outbox", outbox]
      const done = yield* runCommand(["chat", "--as", "alice", "--to", "bob", ...url], {}, script(["second"]))
      assert.strictEqual(done.code, 0, done.errors)
      const texts = [(yield* bob.waitFor("incoming_message")).text, (yield* bob.waitFor("incoming_message")).text]
      assert.deepStrictEqual(texts, ["first, from the last time", "second"])
      assert.isTrue(existsSync(outbox))
      assert.include(readFileSync(outbox, "utf8"), "removed")
    }).pipe(Effect.scoped), 60_000)

  it.live("without a server: exit code 2 and a sentence", () =>
    Effect.gen(function*() {
      const done = yield* runCommand(["chat", "--as", "alice", "--url", "ws://127.0.0.1:1/ws"], {}, script(["hello"]))
      assert.strictEqual(done.code, 2)
      assert.match(done.errors, /Is the server running there\?/)
    }), 60_000)
})

describe("people, in a chat without a terminal", () => {
  test(
    "are called as they call themselves, and who has never been here is said",
    ({ port }, url) =>
      Effect.gen(function*() {
        const bob = yield* connect({ port, user: "bob", level: "v1" })
        yield* bob.ask({ type: "set_profile", name: "Bob Smith" }, "profile")
        yield* bob.ask({ type: "chat_message", recipient: "alice", text: "hello" }, "message_accepted")
        const args = ["chat", "--as", "alice", "--to", "bob", ...url]
        const lines = ["/name Alice", "/whois bob", "/whois Bob", "/find smi", "/status"]
        const { code, errors, output } = yield* runCommand(args, {}, script(lines))
        assert.deepStrictEqual([code, errors], [0, ""])
        assert.deepStrictEqual(linesOf(output).slice(-5), [
          "* Others see you as Alice (alice)",
          "* Bob Smith (bob)",
          "* Nobody of that name has been here yet: Bob",
          "  Bob Smith (bob)",
          "* Others see you as Alice (alice)"
        ])
      }),
    ["--directory", "all"]
  )
})
