/** What servers tell each other survives the way, and nothing else is taken for it. */
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect, Redacted, Schema } from "effect"
import { randomBytes } from "node:crypto"
import { Entry } from "../../../src/domain/Entry.ts"
import { ConversationId, UserId } from "../../../src/domain/Ids.ts"
import { Envelope } from "../../../src/services/cluster/Envelope.ts"
import * as Wire from "../../../src/services/cluster/Wire.ts"
import { mutate, random, runs, seed } from "../../fuzz/mutate.ts"

const generate = <A>(schema: Schema.Schema<A>, count: number) =>
  Arbitrary.sampleEffect(Arbitrary.schema(schema), { count, seed, maxDiscards: 100_000 })

const key = Redacted.make<Uint8Array>(randomBytes(32))

/** Numbers and texts as JSON keeps them: there is no minus zero. */
const plain = <A>(value: A): A => JSON.parse(JSON.stringify(value)) as A

const news = Effect.gen(function*() {
  const pick = random(seed)
  const entries = yield* generate(Entry, 60)
  const conversations = yield* generate(ConversationId, 60)
  const notes = yield* generate(Schema.Json, 20)
  const number = () => pick(2) === 0 ? pick(10) : pick(1_000_000_000) * 1_000_000
  const place = () => pick(3) === 0 ? undefined : { after: { epoch: number(), offset: 1 + number() } }
  const version = () => pick(2) === 0 ? undefined : { version: number() }
  const item = (): Wire.NewsItem => {
    const conversation = conversations[pick(conversations.length)]!
    const from = 1 + number()
    if (pick(3) === 0) return { conversation, from, to: from + pick(100), ...place(), ...version() }
    const entry = entries[pick(entries.length)]!
    return { conversation, from: entry.seq, to: entry.seq, entry, ...place(), ...version() }
  }
  return Array.from({ length: 100 }, (): Wire.News => ({
    _: "news",
    epoch: number(),
    offset: number(),
    prev: number(),
    items: Array.from({ length: pick(6) }, item),
    notes: notes.slice(pick(notes.length))
  }))
})

const messages = Effect.gen(function*() {
  const all: Array<Wire.Message> = [...yield* news]
  for (const schema of [Wire.Beat, Wire.Who, Wire.All, Wire.Want, Wire.Soft, Wire.Bye, Wire.Asked, Wire.Answered]) {
    // One of them stands for all: what is generated is a message in any case.
    all.push(...yield* generate(schema as typeof Wire.Beat, 50))
  }
  return all.map(plain)
})

const opened = (envelope: Envelope, text: string): Wire.Message | string | undefined => {
  const opened = envelope.open(text)
  return typeof opened === "string" ? opened : Wire.decode(opened.body)
}

describe("the wire", () => {
  it.live(`every message is sealed, opened and decoded to what it was (seed ${seed})`, () =>
    Effect.gen(function*() {
      const [a, b] = [new Envelope({ key, node: "a" }), new Envelope({ key, node: "b" })]
      for (const message of yield* messages) {
        assert.deepStrictEqual(opened(b, a.seal(Wire.encode(message))), message)
      }
    }))

  it.live(`P8 P9 bent ones are refused or as they were, and nothing is thrown (seed ${seed})`, () =>
    Effect.gen(function*() {
      const a = new Envelope({ key, node: "a" })
      const all = yield* messages
      const sealed = all.map((message) => Buffer.from(a.seal(Wire.encode(message))))
      const pick = random(seed)
      const whole = new Set(sealed.map(String))
      for (let i = 0; i < runs(5_000); i++) {
        const text = mutate(sealed[pick(sealed.length)]!, pick, sealed).toString()
        if (!whole.has(text)) assert.isString(opened(new Envelope({ key, node: "b" }), text))
      }
    }))

  it.live(`P9 bodies that are almost right are decoded or not, and nothing is thrown (seed ${seed})`, () =>
    Effect.gen(function*() {
      const bodies = (yield* messages).map((message) => Buffer.from(JSON.stringify(Wire.encode(message))))
      const pick = random(seed)
      let right = 0
      const count = runs(20_000)
      for (let i = 0; i < count; i++) {
        const text = mutate(bodies[pick(bodies.length)]!, pick, bodies).toString()
        const body = yield* Effect.option(
          Effect.try({ try: () => JSON.parse(text) as unknown, catch: () => undefined })
        )
        if (body._tag === "None" || typeof body.value !== "object" || body.value === null) continue
        // As an envelope hands it over.
        if (Wire.decode(body.value as { readonly [key: string]: unknown }) !== undefined) right++
      }
      assert.isAbove(right, count / 100)
      assert.isBelow(right, count * 99 / 100)
    }))

  it("is as short as it is told to be", () => {
    const conversation = ConversationId.make("c")
    const entry: Entry = {
      kind: "text",
      seq: 3,
      message_id: "m" as Entry["message_id"],
      sender: UserId.make("a"),
      at: 5,
      text: "hi"
    }
    const item = { conversation, from: 3, to: 3 }
    const items = [
      { ...item, entry },
      { ...item, entry, after: { epoch: 7, offset: 8 } },
      { ...item, entry, version: 2 },
      { ...item, after: { epoch: 7, offset: 8 }, version: 2 },
      item
    ]
    const body = Wire.encode({ _: "news", epoch: 1, offset: 2, prev: 1, items, notes: [] })
    assert.deepStrictEqual(body["items"], [
      ["c", entry],
      ["c", entry, 7, 8],
      ["c", entry, 0, 0, 2],
      ["c", 3, 3, 7, 8, 2],
      ["c", 3, 3]
    ])
    assert.deepStrictEqual(Wire.decode(plain(body)), { _: "news", epoch: 1, offset: 2, prev: 1, items, notes: [] })
  })

  it("P9 what is no message is none", () => {
    const no = [
      {},
      { _: "nobody" },
      { _: "__proto__" },
      { _: 1 },
      { _: "want" },
      { _: "want", node: "" },
      { _: "bye", node: "a", epoch: -1, offset: 1 },
      { _: "bye", node: "a", epoch: 1, offset: 1.5 },
      { _: "news", epoch: 1, offset: 1, prev: 0, items: [["c", 1]], notes: [] },
      { _: "news", epoch: 1, offset: 1, prev: 0, items: [["c", { kind: "text" }]], notes: [] },
      { _: "news", epoch: 1, offset: 1, prev: 0, items: [["with space", 1, 1]], notes: [] },
      { _: "soft", receipts: [], typing: [{ conversation: "c", user: "a b", active: true, audience: [] }] }
    ]
    for (const body of no) assert.isUndefined(Wire.decode(body), JSON.stringify(body))
  })
})
