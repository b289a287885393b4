/** What a person types: keys into lines, lines into commands. */
import { assert, describe, it } from "@effect/vitest"
import { Option } from "effect"
import { emptyLine, type Line, press, textOf } from "../../../src/cli/chat/LineEditor.ts"
import { parse } from "../../../src/cli/chat/parse.ts"

const key = (name: string, ctrl = false) => ({
  input: Option.none<string>(),
  key: { name, ctrl, meta: false, shift: false }
})

const text = (input: string) => ({
  input: Option.some(input),
  key: { name: input, ctrl: false, meta: false, shift: false }
})

/** Presses one after the other; single characters are typed, `^x` is a control key, other words are keys. */
const type = (...presses: ReadonlyArray<string>): Line => {
  let line = emptyLine
  for (const each of presses) {
    const input = /^\^.$/.test(each) ? key(each[1]!, true) : /^[a-z]{2,}$/.test(each) ? key(each) : text(each)
    const outcome = press(line, input)
    if (outcome._tag !== "Quit") line = outcome.line
  }
  return line
}

describe("the line that is typed", () => {
  const cases: ReadonlyArray<readonly [ReadonlyArray<string>, string]> = [
    [["a", "b", "left", "X"], "aXb"],
    [["a", "b", "home", "X", "end", "Y"], "XabY"],
    [["a", "b", "c", "^a", "^k"], ""],
    [["a", "b", "left", "^u"], "b"],
    [["a", " ", "b", "^w", "c"], "a c"],
    [["a", "b", "left", "delete", "backspace"], ""],
    [["👩‍👩‍👧‍👦", "!", "left", "backspace"], "!"],
    [["👩", "\u200d", "👧", "backspace"], ""],
    [["e", "\u0301", "backspace"], ""],
    [["a", "\u001b", "\u0007", "b"], "ab"],
    [["1", "return", "2", "return", "3", "up", "up"], "1"],
    [["1", "return", "2", "up", "down"], ""],
    [["1", "return", "up", "up", "!"], "1!"]
  ]
  for (const [presses, expected] of cases) {
    it(`${presses.join(" ")} is ${JSON.stringify(expected)}`, () =>
      assert.strictEqual(textOf(type(...presses)), expected))
  }

  it("return submits, ctrl-c ends, ctrl-d ends only an empty line", () => {
    const line = type("h", "i")
    assert.deepInclude(press(line, key("return")), { _tag: "Submitted", text: "hi" })
    assert.strictEqual(press(line, key("c", true))._tag, "Quit")
    assert.strictEqual(press(line, key("d", true))._tag, "Edited")
    assert.strictEqual(press(emptyLine, key("d", true))._tag, "Quit")
  })
})

describe("what a line means", () => {
  const cases: ReadonlyArray<readonly [string, object]> = [
    ["  ", { _tag: "Nothing" }],
    ["/search  green tea", { _tag: "Search", words: "green tea", everywhere: false }],
    ["/search -a \"green tea\"", { _tag: "Search", words: "\"green tea\"", everywhere: true }],
    ["/search -all", { _tag: "Search", words: "-all", everywhere: false }],
    ["/search", { _tag: "Wrong", reason: "Write it as /search WORDS, or -a WORDS to look everywhere." }],
    ["/search -a ", { _tag: "Wrong", reason: "Write it as /search WORDS, or -a WORDS to look everywhere." }],
    ["/more", { _tag: "More" }],
    ["hello /to", { _tag: "Say", text: "hello /to" }],
    ["//to", { _tag: "Say", text: "/to" }],
    ["/to bob", { _tag: "To", name: "bob" }],
    ["/to #friends", { _tag: "To", name: "#friends" }],
    ["/group create friends bob carol", { _tag: "GroupCreate", name: "friends", members: ["bob", "carol"] }],
    ["/group create alone", { _tag: "GroupCreate", name: "alone", members: [] }],
    ["/group add bob", { _tag: "GroupAdd", members: ["bob"] }],
    ["/group remove bob carol", { _tag: "GroupRemove", members: ["bob", "carol"] }],
    ["/group leave", { _tag: "GroupLeave" }],
    ["/history", { _tag: "History", count: 20 }],
    ["/history 50", { _tag: "History", count: 50 }],
    ["/group role bob admin", { _tag: "GroupRole", user: "bob", role: "admin" }],
    ["/group rename Friday hikes", { _tag: "GroupRename", name: "Friday hikes" }],
    ["/reply 3  two  spaces", { _tag: "Say", text: "two  spaces", replyTo: 3 }],
    ["/list", { _tag: "List" }],
    ["/receipts", { _tag: "Receipts" }],
    ["/file plan.pdf", { _tag: "File", path: "plan.pdf", text: "" }],
    ["/file ~/plan.pdf  two  spaces ", { _tag: "File", path: "~/plan.pdf", text: "two  spaces" }],
    ["/file \"my plan.pdf\" look", { _tag: "File", path: "my plan.pdf", text: "look" }],
    ["/file 'my \"plan\".pdf'", { _tag: "File", path: "my \"plan\".pdf", text: "" }],
    ["/file", { _tag: "Wrong", reason: "Write it as /file PATH [TEXT]." }],
    ["/cancel", { _tag: "Cancel" }],
    ["/who", { _tag: "Who" }],
    ["/edit 3  two  spaces", { _tag: "Edit", seq: 3, text: "two  spaces" }],
    ["/edit #3 x", { _tag: "Edit", seq: 3, text: "x" }],
    ["/delete 3", { _tag: "Delete", seq: 3 }],
    ["/react 3 👍", { _tag: "React", seq: 3, emoji: "👍" }],
    ["/block eve", { _tag: "Block", user: "eve" }],
    ["/unblock eve", { _tag: "Unblock", user: "eve" }],
    ["/help", { _tag: "Help" }],
    [" /quit ", { _tag: "Say", text: " /quit " }],
    ["/quit", { _tag: "Quit" }]
  ]
  for (const [line, expected] of cases) it(line, () => assert.deepStrictEqual(parse(line), expected))

  for (
    const line of ["/to", "/edit", "/edit 0 x", "/edit x y", "/delete -1", "/react 1", "/history 101", "/group", "/x"]
  ) {
    it(`${line} is wrong, and says how it is right`, () => assert.strictEqual(parse(line)._tag, "Wrong"))
  }
})
