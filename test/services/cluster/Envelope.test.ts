/** P8: who can write to the channel cannot speak as one of us. */
import { assert, describe, it } from "@effect/vitest"
import { Redacted } from "effect"
import { createHmac, randomBytes } from "node:crypto"
import { maxMessageBytes } from "../../../src/services/cluster/Bus.ts"
import { Envelope, type Opened } from "../../../src/services/cluster/Envelope.ts"
import { ReplayWindow } from "../../../src/services/cluster/ReplayWindow.ts"
import { millisOf, mutate, random, runs, seed } from "../../fuzz/mutate.ts"

const bytes = randomBytes(32)
const key = Redacted.make<Uint8Array>(bytes)

const envelope = (node: string, of = key) => new Envelope({ key: of, node })

const signed = (text: string) => createHmac("sha256", bytes).update(text).digest("base64") + text

const bodyOf = (opened: Opened | string) => typeof opened === "string" ? opened : opened.body["n"]

describe("P8 an envelope", () => {
  it("is opened by others of the cluster, who learn from whom it is", () => {
    const opened = envelope("b").open(envelope("a").seal({ _: "want", node: "*" }))
    assert.isObject(opened)
    if (typeof opened === "string") return
    assert.strictEqual(opened.from, "a")
    assert.strictEqual(opened.body["_"], "want")
    assert.strictEqual(opened.body["node"], "*")
  })

  it("one's own is told apart, and not counted", () => {
    const a = envelope("a")
    assert.strictEqual(a.open(a.seal({ n: 1 })), "own")
    assert.deepStrictEqual(a.refused, { too_long: 0, forged: 0, version: 0, malformed: 0, repeated: 0 })
    // Of the same name, but started before this one or after it.
    assert.strictEqual(bodyOf(a.open(envelope("a").seal({ n: 2 }))), 2)
  })

  it("is refused where it is forged, too long, of another version, no message, or repeated; that is counted", () => {
    const a = envelope("a")
    const b = envelope("b")
    const other = envelope("c", Redacted.make<Uint8Array>(randomBytes(32)))
    const sealed = a.seal({ n: 1 })
    assert.strictEqual(b.open(other.seal({ n: 1 })), "forged")
    assert.strictEqual(b.open(sealed.replace("\"n\":1", "\"n\":2")), "forged")
    for (const text of ["", "x", "{}", "=".repeat(44), sealed.slice(0, 44), sealed.slice(1), `é${sealed.slice(1)}`]) {
      assert.strictEqual(b.open(text), "forged")
    }
    assert.strictEqual(b.open("x".repeat(maxMessageBytes + 1)), "too_long")
    assert.strictEqual(b.open(signed(JSON.stringify({ v: 2, f: "a", r: "r", s: 1 }))), "version")
    const malformed = [
      "",
      "{",
      "null",
      "1",
      "[]",
      "\"\"",
      JSON.stringify({ v: 1, f: 1, r: "r", s: 1 }),
      JSON.stringify({ v: 1, f: "a", s: 1 }),
      JSON.stringify({ v: 1, f: "a", r: "r", s: 0 }),
      JSON.stringify({ v: 1, f: "a", r: "r", s: 1.5 }),
      "{\"v\":1,\"f\":\"a\",\"r\":\"r\",\"s\":1e300}"
    ]
    for (const text of malformed) assert.strictEqual(b.open(signed(text)), "malformed", text)
    assert.strictEqual(bodyOf(b.open(sealed)), 1)
    assert.strictEqual(b.open(sealed), "repeated")
    assert.deepStrictEqual(b.refused, { too_long: 1, forged: 9, version: 1, malformed: malformed.length, repeated: 1 })
  })

  it("of depth without end is no message, or one, at once", () => {
    const deep = signed(`{"v":1,"f":"a","r":"r","s":1,"n":${"[".repeat(50_000)}${"]".repeat(50_000)}}`)
    assert.isBelow(
      millisOf(() =>
        assert.include(["malformed", undefined], typeof envelope("b").open(deep) === "string" ? "malformed" : undefined)
      ),
      200
    )
    assert.strictEqual(envelope("b").open("[".repeat(200_000)), "forged")
  })

  it("comes in any order, once", () => {
    const a = envelope("a")
    const b = envelope("b")
    const sealed = Array.from({ length: 1_000 }, (_, n) => a.seal({ n }))
    const pick = random(seed)
    const heard = new Set<unknown>()
    // One that nobody had heard of may begin anywhere.
    for (const text of sealed.slice(500).toReversed()) heard.add(bodyOf(b.open(text)))
    for (let i = 0; i < 20_000; i++) {
      const opened = b.open(sealed[pick(sealed.length)]!)
      if (opened === "repeated") continue
      assert.isFalse(heard.has(bodyOf(opened)))
      heard.add(bodyOf(opened))
    }
    assert.strictEqual(heard.size, 1_000)
  })

  it("which of 300 senders is heard is remembered of the last 256", () => {
    const b = envelope("b")
    const sealed = Array.from({ length: 300 }, (_, n) => envelope(`n${n}`).seal({ n }))
    for (const text of sealed) assert.isObject(b.open(text))
    for (const text of sealed.slice(-256)) assert.strictEqual(b.open(text), "repeated")
  })

  it(`P9 bent ones are refused or as they were, and nothing is thrown (seed ${seed})`, () => {
    const a = envelope("a")
    const sealed = Array.from({ length: 20 }, (_, n) => a.seal({ n, text: "Grüße 🧑‍🧒 \"quoted\"" }))
    const buffers = sealed.map((text) => Buffer.from(text))
    const pick = random(seed)
    let refused = 0
    for (let i = 0; i < runs(20_000); i++) {
      const at = pick(sealed.length)
      const text = mutate(buffers[at]!, pick, buffers).toString()
      const opened = envelope("b").open(text)
      if (typeof opened === "string") refused++
      else assert.include(sealed, text)
    }
    assert.isAbove(refused, 0)
  })
})

describe("a window of numbers", () => {
  it("takes each once, and none that is more than 1,024 behind", () => {
    const window = new ReplayWindow(5_000)
    assert.isTrue(window.accept(5_000))
    assert.isFalse(window.accept(5_000))
    assert.isTrue(window.accept(4_999))
    assert.isTrue(window.accept(5_000 - 1_023))
    assert.isFalse(window.accept(5_000 - 1_024))
    assert.isTrue(window.accept(5_000 + 1_024))
    assert.isFalse(window.accept(5_000))
    assert.isTrue(window.accept(5_001))
    assert.isTrue(window.accept(Number.MAX_SAFE_INTEGER))
    assert.isFalse(window.accept(5_002))
    assert.isTrue(window.accept(Number.MAX_SAFE_INTEGER - 1))
  })

  it("agrees with a set of all that was heard", () => {
    const pick = random(seed)
    const window = new ReplayWindow(1)
    const heard = new Set<number>()
    let largest = 0
    for (let i = 0; i < 50_000; i++) {
      const number = 1 + Math.max(0, largest + (pick(100) === 0 ? pick(3_000) : pick(40)) - pick(1_500))
      const expected = number > largest - 1_024 && !heard.has(number)
      assert.strictEqual(window.accept(number), expected, `${number}, largest ${largest}`)
      if (expected) heard.add(number)
      largest = Math.max(largest, number)
    }
  })
})
