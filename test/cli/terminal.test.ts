/** `switchboard chat` in a real terminal: type, receive, reconnect. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { runCommand, startServer } from "../support/ServerProcess.ts"
import { hasTmux, inTerminal } from "../support/Tmux.ts"

const chat = (port: number, ...args: ReadonlyArray<string>) => [
  "chat",
  "--url",
  `ws://127.0.0.1:${port}/ws`,
  ...args
]

describe.skipIf(!hasTmux)("switchboard chat in a terminal", () => {
  it.live("two people talk, with history, presence, commands and an edited line", () =>
    Effect.gen(function*() {
      const { port } = yield* startServer(["--store", "memory"])
      const url = ["--url", `ws://127.0.0.1:${port}/ws`]
      yield* runCommand(["send", "--as", "bob", "--to", "alice", ...url, "hello from before"])
      const alice = yield* inTerminal(chat(port, "--as", "alice", "--to", "bob"))
      yield* alice.shows(/#1 bob: hello from before/)
      yield* alice.shows(/^bob >$/m)
      const bob = yield* inTerminal(chat(port, "--as", "bob"), 60, 20)
      yield* bob.shows(/Your conversations:\n {2}\d\d:\d\d alice {2}you: hello from before/)
      yield* alice.shows(/\* bob is online/)
      bob.type("/to alice", "Enter")
      yield* bob.shows(/^alice >$/m)
      alice.type("helo 漢字", "Enter")
      yield* bob.shows(/#2 alice: helo 漢字/)
      yield* alice.shows(/#2 alice: helo 漢字\nbob >$/)
      // The line is recalled, and corrected in its middle.
      alice.type("", "Up", "Home", "Right", "Right", "Right")
      alice.type("l", "C-e")
      alice.type("!", "Enter")
      yield* bob.shows(/#3 alice: hello 漢字!/)
      bob.type("/react 3 👍", "Enter")
      yield* alice.shows(/bob reacted 👍 to #3/)
      alice.type("/edit 2 hello", "Enter")
      yield* bob.shows(/alice changed #2: hello/)
      bob.type("wait")
      yield* alice.shows(/\* bob is typing…\nbob >$/)
      bob.type("", "C-u")
      // The server ends it, as bob says nothing after all.
      yield* alice.shows(/changed #2: hello\nbob >$/)
      alice.type("/nothing", "Enter")
      yield* alice.shows(/There is no \/nothing/)
      alice.type("/group create friends bob", "Enter")
      yield* alice.shows(/^#friends >$/m)
      alice.type("hello, friends", "Enter")
      yield* bob.shows(/\[#friends\] alice: hello, friends/)
      bob.type("", "C-c")
      yield* bob.ended
      alice.type("/quit", "Enter")
      yield* alice.ended
    }).pipe(Effect.scoped), 90_000)

  it.live("what is said while the server is away is pending, and said when it is back", () =>
    Effect.gen(function*() {
      const first = yield* startServer(["--store", "memory"])
      const { port } = first
      const alice = yield* inTerminal(chat(port, "--as", "alice", "--to", "bob"))
      yield* alice.shows(/^bob >$/m)
      first.kill("SIGKILL")
      yield* alice.shows(/\* Connection lost/)
      alice.type("said in the dark", "Enter")
      alice.type("and half a line")
      yield* alice.shows(/… said in the dark\n\* not connected: .*\nbob > and half a line$/)
      yield* startServer(["--store", "memory", "--port", String(port)])
      yield* alice.shows(
        /\* Connected again\.\n(?:.*\n)*\d\d:\d\d #1 alice: said in the dark\n(?:\*.*\n)*bob > and half a line$/
      )
      assert.notInclude(alice.screen(), "… said in the dark")
    }).pipe(Effect.scoped), 90_000)

  it.live("hostile text stays text, and a narrow window keeps its one line to type in", () =>
    Effect.gen(function*() {
      const { port } = yield* startServer(["--store", "memory"])
      const alice = yield* inTerminal(chat(port, "--as", "alice", "--to", "bob"), 30, 10)
      yield* alice.shows(/^bob >$/m)
      const url = ["--url", `ws://127.0.0.1:${port}/ws`]
      const hostile = "\u001b]0;title\u0007\u001b[2J\u001b[31mred\u001b[1;1Htop\r\nnext\u202eabc\u009b31m"
      yield* runCommand(["send", "--as", "bob", "--to", "alice", ...url, hostile])
      // Every control character is a picture, whether or not the line is broken between two of them.
      yield* alice.shows(/␛\]0;title␇␛\[2J␛\[\s?31mred␛\[1;1Htop ⏎ next/)
      yield* alice.shows(/bob: /)
      alice.type("a line that is much longer than the window is wide")
      yield* alice.shows(/^bob > .{5,22}window is wide$/m)
      alice.resize(50, 12)
      yield* alice.shows(/^bob > .{10,44}window is wide$/m)
    }).pipe(Effect.scoped), 90_000)
})
