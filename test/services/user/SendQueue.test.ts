import { assert, describe, it } from "@effect/vitest"
import { ConversationId } from "../../../src/domain/Ids.ts"
import type { EncodedFrame } from "../../../src/services/session/EncodedFrame.ts"
import type { Delivered } from "../../../src/services/user/Delivered.ts"
import { SendQueue } from "../../../src/services/user/SendQueue.ts"

const [g, h] = [ConversationId.make("group:g"), ConversationId.make("group:h")]

const entry = (conversation: ConversationId, seq: number, more: Partial<EncodedFrame> = {}) =>
  ({ conversation, seq, size: 10, isEphemeral: false, isFarewell: false, ...more }) as EncodedFrame

const queue = () => {
  const out: Array<string> = []
  let writes = 0
  const connection = {
    isWhole: true,
    buffered: () => 0,
    write: (frames: ReadonlyArray<EncodedFrame>) => {
      writes++
      return out.push(...frames.map((f) => `${f.conversation} ${f.seq}`)) > 0
    }
  }
  const delivered = { written: () => {} } as unknown as Delivered
  return {
    out,
    writes: () => writes,
    queue: new SendQueue({ connection: connection as never, maxBytes: 1_000, delivered, settle: () => {} })
  }
}

describe("SendQueue", () => {
  it("P4 P5 what is live waits for the pass, comes behind it, and is not said twice", () => {
    const { out, queue: q } = queue()
    for (const seq of [3, 4]) q.push(entry(g, seq))
    q.send(entry(g, 2))
    q.send(entry(g, 3))
    q.passed(g, 3)
    assert.isTrue(q.release())
    q.push(entry(g, 5))
    q.flush()
    assert.deepStrictEqual(out, [2, 3, 4, 5].map((seq) => `group:g ${seq}`))
  })

  it("P9 what is refused of all that was read at once is one write, also when the connection ends there", async () => {
    const { out, writes, queue: q } = queue()
    assert.isTrue(q.release())
    for (const seq of [1, 2]) {
      q.push(entry(g, seq))
      q.flushSoon()
    }
    assert.deepStrictEqual([out.length, writes()], [0, 0])
    await Promise.resolve()
    assert.deepStrictEqual([out.length, writes()], [2, 1])
    q.push(entry(g, 3))
    q.flushSoon()
    q.close()
    assert.deepStrictEqual([out.length, writes()], [3, 2])
    await Promise.resolve()
    assert.strictEqual(writes(), 2)
  })

  it("P4 after a farewell nothing older of its group goes out, of what is held or read; of others all does", () => {
    const { out, queue: q } = queue()
    for (const frame of [entry(g, 1), entry(h, 1), entry(g, 2, { isFarewell: true })]) q.push(frame)
    assert.deepStrictEqual([q.takes(g), q.takes(h)], [false, true])
    // They may be in again by now, so another pass has to look.
    assert.isFalse(q.release())
    assert.isTrue(q.release())
    assert.deepStrictEqual(out, ["group:g 2", "group:h 1"])
  })

  it("P4 a farewell that a pass has gone past, because they are in again, is not said", () => {
    const { out, queue: q } = queue()
    q.send(entry(g, 7))
    q.passed(g, 7)
    assert.isTrue(q.release())
    q.push(entry(g, 5, { isFarewell: true }))
    q.push(entry(g, 8))
    q.push(entry(g, 9, { isFarewell: true }))
    q.flush()
    assert.deepStrictEqual(out, [7, 8, 9].map((seq) => `group:g ${seq}`))
  })

  it("P2 whoever is back in a group has nothing of before behind what is new, and all of it before that", () => {
    const { queue: q } = queue()
    q.enter(g, 5)
    assert.strictEqual(q.sentUpTo(g), 0, "a pass comes before what is held")
    assert.isTrue(q.release())
    q.enter(g, 8)
    assert.strictEqual(q.sentUpTo(g), 7)
    q.passed(g, 9)
    q.enter(g, 8)
    assert.strictEqual(q.sentUpTo(g), 9)
  })

  it("too much is not held: another pass reads it", () => {
    const { out, queue: q } = queue()
    for (let seq = 1; seq <= 3; seq++) q.push(entry(g, seq, { size: 100_000 }))
    assert.isFalse(q.release())
    q.hold()
    assert.isTrue(q.release())
    assert.deepStrictEqual(out, [])
  })
})
