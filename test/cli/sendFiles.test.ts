/** Files from the command line, as its users start it. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { moodyFiles } from "../support/moodyFiles.ts"
import { runCommand } from "../support/ServerProcess.ts"
import { temporaryDirectory } from "../support/stores.ts"
import { connect } from "../support/TestClient.ts"
import { served } from "../support/TestServer.ts"

const on = () => ({ files: moodyFiles().layer })
const timeout = 60_000

const url = (port: number) => ["--url", `ws://127.0.0.1:${port}/ws`]

/** Two files of somebody's. */
const desk = Effect.map(temporaryDirectory, (directory) => {
  const [picture, plan] = [join(directory, "a picture.png"), join(directory, "plan.pdf")]
  writeFileSync(picture, "a picture")
  writeFileSync(plan, "a plan")
  return { directory, picture, plan }
})

describe("switchboard send --file", () => {
  served(
    "sends files with words or without, and exits 0",
    function*(port) {
      const { picture, plan } = yield* desk
      const bob = yield* connect({ port, user: "bob", level: "v1" })
      const send = ["send", "--as", "alice", "--to", "bob", ...url(port), "--file", picture]
      const both = yield* runCommand([...send, "--file", plan, "the", "way"])
      assert.deepStrictEqual([both.code, both.output, both.errors], [0, "Accepted as #1 of dm:alice:bob.\n", ""])
      const first = yield* bob.waitFor("incoming_message")
      assert.strictEqual(first.text, "the way")
      assert.deepStrictEqual(first.attachments?.map(({ name, size, type }) => [name, type, size]), [
        ["a picture.png", "image/png", 9],
        ["plan.pdf", "application/pdf", 6]
      ])
      // Nobody says on stdin that there are no words.
      const alone = yield* runCommand([...send, "--json"])
      assert.deepStrictEqual([alone.code, alone.errors], [0, ""])
      assert.strictEqual((yield* bob.waitFor("incoming_message")).text, "")
    },
    on(),
    timeout
  )

  served(
    "exit code 1 and a sentence: a file that is not there, too many, one that the server does not take",
    function*(port) {
      const { directory, picture } = yield* desk
      const send = (...files: ReadonlyArray<string>) =>
        runCommand(["send", "--as", "alice", "--to", "bob", ...url(port), ...files.flatMap((file) => ["--file", file])])
      for (
        const [files, sentence] of [
          [[join(directory, "nothing")], /^The file cannot be read: .*nothing.*\.\n$/],
          [[directory], /^The file cannot be read: .* is not a file\.\n$/],
          [Array.from({ length: 11 }, () => picture), /^A message has at most 10 files; send them in parts\.\n$/],
          [[picture], /^A file may have 8 bytes; send a smaller one\.\n$/]
        ] as const
      ) {
        const { code, errors, output } = yield* send(...files)
        assert.deepStrictEqual([code, output], [1, ""])
        assert.match(errors, sentence)
      }
    },
    { ...on(), settings: { maxFileBytes: 8 } },
    timeout
  )

  served(
    "where there are no files, it says so",
    function*(port) {
      const { plan } = yield* desk
      const refused = yield* runCommand(["send", "--as", "alice", "--to", "bob", ...url(port), "--file", plan])
      assert.strictEqual(refused.code, 1)
      assert.match(refused.errors, /^This server takes no files; .*\.\n$/)
    },
    {},
    timeout
  )

  served(
    "exit code 2 when nobody answers",
    function*() {
      const { plan } = yield* desk
      const silent = yield* runCommand(
        ["send", "--as", "alice", "--to", "bob", "--url", "ws://127.0.0.1:1/ws", "--timeout", "1", "--file", plan]
      )
      assert.strictEqual(silent.code, 2)
      assert.match(silent.errors, /^No answer in 1 seconds: /)
    },
    {},
    timeout
  )

  const stuck = moodyFiles()
  served(
    "nor when a file does not move on",
    function*(port) {
      stuck.mood.gate = Effect.never
      const { plan } = yield* desk
      const silent = yield* runCommand(
        ["send", "--as", "alice", "--to", "bob", ...url(port), "--timeout", "1", "--file", plan]
      )
      assert.strictEqual(silent.code, 2)
      assert.match(silent.errors, /^The files did not move on for 1 seconds\.\n$/)
    },
    { files: stuck.layer },
    timeout
  )
})

describe("switchboard chat", () => {
  served(
    "/file sends one, and shows those that come with where they are",
    function*(port) {
      const { picture } = yield* desk
      const input = `/file "${picture}" look\n`
      const done = yield* runCommand(["chat", "--as", "alice", "--to", "bob", ...url(port)], {}, input)
      assert.deepStrictEqual([done.code, done.errors], [0, ""])
      const [line, file] = done.output.trimEnd().split("\n").slice(-2)
      assert.match(line!, /#1 alice: look$/)
      const link = new RegExp(
        `^ +\\[picture, 9 bytes\\] a picture\\.png (http://127\\.0\\.0\\.1:${port}/v1/files/\\S+)$`
      ).exec(file!)
      assert.isNotNull(link, file)
      const bytes = yield* Effect.promise(() => fetch(link![1]!).then((response) => response.text()))
      assert.strictEqual(bytes, "a picture")
      const seen = yield* runCommand(["chat", "--as", "bob", "--to", "alice", ...url(port)], {}, "")
      assert.include(seen.output, "[picture, 9 bytes] a picture.png http")
    },
    on(),
    timeout
  )

  served(
    "/file of nothing is a sentence, and exit code 1",
    function*(port) {
      const { directory } = yield* desk
      const done = yield* runCommand(
        ["chat", "--as", "alice", "--to", "bob", ...url(port)],
        {},
        `/file ${join(directory, "nothing")}\n`
      )
      assert.strictEqual(done.code, 1)
      assert.match(done.errors, /! The file cannot be read: .*nothing/)
    },
    on(),
    timeout
  )
})
