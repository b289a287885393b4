/** What the service worker answers by itself, and what it reads of a push. */
import { assert, describe, it } from "@effect/vitest"
import { wordsOf } from "../../../src/web/worker/device.ts"
import { aboutOf, placeOf } from "../../../src/web/worker/payload.ts"
import { kindOf } from "../../../src/web/worker/routes.ts"

const scope = "https://chat.example/team/"
const files = ["./", "assets/index-abc.js", "icons/icon.svg", "manifest.webmanifest"]
const kind = (path: string, method = "GET", mode = "no-cors") =>
  kindOf({ url: new URL(path, scope).href, method, mode }, scope, files)

describe("the service worker", () => {
  it("keeps the page and its files, and nothing else of the server, nor of others", () => {
    assert.deepStrictEqual(
      [
        kind("./", "GET", "navigate"),
        kind("./?x=1", "GET", "navigate"),
        kind("assets/later-def.js"),
        kind("icons/icon.svg")
      ],
      ["page", "page", "asset", "file"]
    )
    for (
      const path of [
        "v1/info",
        "v1/files/f?sig=1",
        "v1/tickets",
        "ws",
        "docs",
        "health/live",
        "sw.js",
        "assets/../v1/info",
        "assets/a/b.js",
        "assets/a.js?x=1",
        "/assets/index-abc.js",
        "/teams/",
        "https://elsewhere.example/team/assets/index-abc.js"
      ]
    ) {
      assert.isUndefined(kind(path), path)
      assert.isUndefined(kind(path, "GET", "navigate"), path)
    }
    assert.isUndefined(kind("./", "POST", "navigate"))
    assert.isUndefined(kind("./", "GET", "cors"))
  })

  it("reads what the server pushes, and nothing into what is no message", () => {
    const payload = { type: "message", conversation: "group:g", seq: 3, sender: "bob", text: "hi", at: 1 }
    const read = (more: object) => aboutOf(JSON.stringify({ ...payload, ...more }), "alice")
    assert.deepInclude(read({}), { user: "alice", sender: "bob", seq: 3, text: "hi", mentioned: false })
    assert.deepInclude(read({ sender_name: "Bob", group_name: "Harbour", mentions: true }), {
      sender: "Bob",
      group: "Harbour",
      mentioned: true
    })
    for (const more of [{ type: "later" }, { seq: "3" }, { conversation: 1 }, { sender: null }]) {
      assert.isUndefined(read(more))
    }
    for (const text of ["", "null", "[]", "{", "1"]) assert.isUndefined(aboutOf(text, "alice"))
  })

  it("opens the page at the message", () => {
    assert.strictEqual(placeOf("dm:alice:b/b", 7), "#/c/dm%3Aalice%3Ab%2Fb/7")
    assert.strictEqual(placeOf(undefined, 7), "")
  })

  it("puts names into the sentence of the page as they are", () => {
    const { inGroup } = wordsOf({
      user: "alice",
      show: "full",
      sound: true,
      words: { newMessage: "", mentionsYou: "" },
      inGroup: "{sender} ({group})"
    })
    assert.strictEqual(inGroup("$& Bob", "$1"), "$& Bob ($1)")
  })
})
