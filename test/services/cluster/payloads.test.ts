/** Messages as payloads of NOTIFY and back. */
import { assert, describe, it } from "@effect/vitest"
import { maxMessageBytes, maxWaitingBytes } from "../../../src/services/cluster/Bus.ts"
import { Joiner, maxPayloadBytes, maxPayloads, Packer } from "../../../src/services/cluster/payloads.ts"
import { Waiting } from "../../../src/services/cluster/Waiting.ts"
import { millisOf, mutate, random, runs, seed } from "../../fuzz/mutate.ts"

const reader = () => {
  const heard: Array<string> = []
  const probes: Array<string> = []
  const joiner = new Joiner({ message: (text) => heard.push(text), probe: (id) => probes.push(id) })
  return { heard, probes, joiner }
}

const waitingOf = (messages: ReadonlyArray<string>) => {
  const waiting = new Waiting()
  messages.forEach((message) => waiting.add(message))
  return waiting
}

const packAll = (packer: Packer, messages: ReadonlyArray<string>) => {
  const waiting = waitingOf(messages)
  const payloads = []
  while (!waiting.isEmpty) payloads.push(...packer.pack(waiting))
  return payloads
}

const characters = ["a", "\"", "é", "€", "字", "🧑", "\ud83d\udc4d", "|", "=", "<", ">", "+", "?", ".", "0", "z"]

describe("payloads", () => {
  it(`whatever the messages are, they arrive in order, and no payload is too long or twice (seed ${seed})`, () => {
    const pick = random(seed)
    for (let run = 0; run < 200; run++) {
      const messages = Array.from({ length: 1 + pick(60) }, () => {
        const length = pick([10, 300, 8_000, 60_000][pick(4)]!)
        const few = Array.from({ length: 1 + pick(5) }, () => characters[pick(characters.length)]!).join("")
        return few.repeat(Math.ceil(length / few.length)).slice(0, length).toWellFormed()
      })
      const payloads = packAll(new Packer(), messages)
      for (const payload of payloads) assert.isAtMost(Buffer.byteLength(payload), maxPayloadBytes)
      assert.strictEqual(new Set(payloads).size, payloads.length)
      const { heard, joiner } = reader()
      payloads.forEach((payload) => joiner.read(payload))
      assert.deepStrictEqual(heard, messages)
    }
  })

  it("small messages share a payload, and a probe goes before them", () => {
    const { heard, joiner, probes } = reader()
    const messages = Array.from({ length: 100 }, (_, i) => `message ${i}`)
    const payloads = new Packer().pack(waitingOf(messages), "me")
    assert.strictEqual(payloads.length, 1)
    joiner.read(payloads[0]!)
    assert.deepStrictEqual(probes, ["me"])
    assert.deepStrictEqual(heard, messages)
  })

  it("a statement has a bound, which only a long message that has begun goes past", () => {
    const waiting = waitingOf(Array.from({ length: 100 }, () => "x".repeat(7_000)))
    const packer = new Packer()
    assert.strictEqual(packer.pack(waiting).length, maxPayloads + 1)
    const long = waitingOf([
      ...Array.from({ length: maxPayloads - 1 }, () => "x".repeat(7_000)),
      "y".repeat(maxMessageBytes)
    ])
    assert.isAtMost(packer.pack(long).length, maxPayloads + Math.ceil(maxMessageBytes / 7_000))
    assert.isTrue(long.isEmpty)
  })

  it("a message of which a part is missing, or comes from another line, is not put together", () => {
    const long = "0123456789".repeat(3_000)
    const payloads = packAll(new Packer(), ["before", long, "after"])
    for (let missing = 1; missing < payloads.length; missing++) {
      const { heard, joiner } = reader()
      payloads.forEach((payload, i) => i === missing || joiner.read(payload))
      assert.notInclude(heard, long)
    }
    const { heard, joiner } = reader()
    payloads.slice(0, 2).forEach((payload) => joiner.read(payload))
    joiner.clear()
    payloads.slice(2).forEach((payload) => joiner.read(payload))
    assert.deepStrictEqual(heard, ["before", "after"])
  })

  it("two who speak at once are told apart", () => {
    const messages = ["a".repeat(20_000), "b".repeat(30_000)]
    const [one, two] = messages.map((message) => packAll(new Packer(), [message]))
    const { heard, joiner } = reader()
    for (let i = 0; i < two!.length; i++) {
      if (one![i] !== undefined) joiner.read(one![i]!)
      joiner.read(two![i]!)
    }
    assert.deepStrictEqual(heard, messages)
  })

  it("the rest may be late by ten looks, and no more", () => {
    for (const looks of [10, 11]) {
      const { heard, joiner } = reader()
      const [first, ...rest] = packAll(new Packer(), ["x".repeat(20_000)])
      joiner.read(first!)
      for (let i = 0; i < looks; i++) joiner.look()
      rest.forEach((payload) => joiner.read(payload))
      assert.strictEqual(heard.length, looks === 10 ? 1 : 0)
    }
  })

  it("of those in the middle of a message 32 are remembered, and a message that never ends is not", () => {
    const { heard, joiner } = reader()
    const all = Array.from({ length: 33 }, () => packAll(new Packer(), ["x".repeat(10_000)]))
    for (const part of [0, 1]) for (const payloads of all) joiner.read(payloads[part]!)
    assert.strictEqual(heard.length, 32)
    joiner.read(`endless.0|1<x`)
    for (let i = 1; i < 100; i++) joiner.read(`endless.${i.toString(36)}|5hc+${"x".repeat(7_104)}`)
    joiner.read(`endless.${(100).toString(36)}|1>x`)
    assert.strictEqual(heard.length, 32)
  })

  it(`P9 bent payloads are read or not, at once, and nothing is thrown (seed ${seed})`, () => {
    const pick = random(seed)
    const payloads = packAll(new Packer(), ["a", "b".repeat(100), "c".repeat(20_000)]).map((text) => Buffer.from(text))
    const { heard, joiner } = reader()
    for (let i = 0; i < runs(5_000); i++) {
      const payload = mutate(payloads[pick(payloads.length)]!, pick, payloads).toString()
      assert.isBelow(millisOf(() => joiner.read(payload)), 50)
    }
    assert.isAbove(heard.length, 0)
  })
})

describe("what waits", () => {
  it("is bounded in bytes: the oldest goes", () => {
    const waiting = waitingOf(Array.from({ length: 200 }, (_, i) => `${i} ${"é".repeat(30_000)}`))
    const left = []
    for (let message = waiting.take(); message !== undefined; message = waiting.take()) left.push(message)
    assert.isAtMost(left.reduce((sum, { bytes }) => sum + bytes, 0), maxWaitingBytes)
    assert.isAbove(left.length, maxWaitingBytes / 60_100 - 1)
    assert.isTrue(left.at(-1)!.text.startsWith("199 "))
  })

  it("many that are empty have a bound too", () => {
    const waiting = waitingOf(Array.from({ length: 200_000 }, () => ""))
    let left = 0
    while (waiting.take() !== undefined) left++
    assert.isBelow(left, 200_000)
  })

  it("a message of more bytes than a message may have is not taken", () => {
    const waiting = new Waiting()
    assert.isFalse(waiting.add("x".repeat(maxMessageBytes + 1)))
    assert.isFalse(waiting.add("é".repeat(maxMessageBytes / 2 + 1)))
    assert.isTrue(waiting.add("é".repeat(maxMessageBytes / 2)))
  })
})
