import { assert, describe, it } from "@effect/vitest"
import { ConversationId, DeviceId, type SessionId, UserId } from "../../../src/domain/Ids.ts"
import { CursorBatcher, moveIntervalMillis } from "../../../src/services/persistence/CursorBatcher.ts"
import { type CursorOwner, Cursors, type MoveRequest } from "../../../src/services/persistence/Cursors.ts"
import { MemoryConnection } from "../../support/MemoryConnection.ts"

const conversation = ConversationId.make("dm:alice:bob")

const owner = (level: "plain" | "v1" = "v1"): CursorOwner & { hasLeft: boolean } => ({
  user: UserId.make("bob"),
  device: DeviceId.make("phone"),
  session: "session" as SessionId,
  level,
  connection: new MemoryConnection(),
  hasLeft: false,
  rejected: () => assert.fail("refused"),
  charge: () => {},
  flush: () => {},
  hasBlocked: () => false
})

const drained = (cursors: Cursors, most = 100) => {
  const moves: Array<MoveRequest> = []
  const state = cursors.drainMoves((request) => moves.push(request), most)
  return [moves.map(({ move }) => `${move.kind} ${move.upTo}`), state]
}

describe("Cursors", () => {
  it("of those within the log the furthest says it all; of those beyond, the furthest is judged first", () => {
    const cursors = new Cursors(owner())
    const read = (upTo: number) => cursors.ask({ kind: "read", conversation, upTo, id: undefined }, 10)
    for (const upTo of [3, 9, 5]) read(upTo)
    assert.deepStrictEqual(drained(cursors), [["read 9"], "done"])
    for (const upTo of [20, 7, 30, 10]) read(upTo)
    assert.deepStrictEqual(drained(cursors, 2), [["read 30", "read 20"], "more"])
    assert.deepStrictEqual(drained(cursors), [["read 10"], "done"])
  })

  it("P4 of a plain connection that broke nothing counts as received, of one that was left all does", () => {
    for (const [ending, ...moves] of [["broken"], ["left", "received 4"]] as const) {
      const ref = owner("plain")
      const cursors = new Cursors(ref)
      cursors.move("received", conversation, 4)
      ;(ref.connection as MemoryConnection).hangUp()
      // How it ends decides, so nothing is said before.
      assert.deepStrictEqual(drained(cursors), [[], "later"])
      ref.hasLeft = true
      assert.strictEqual(cursors.close(ending), moves.length > 0)
      assert.deepStrictEqual(drained(cursors), [moves, "done"])
    }
  })
})

describe("CursorBatcher", () => {
  const sourceOf = (count: number, hasLeft = false) => {
    const cursors = new Cursors({ ...owner(), hasLeft })
    for (let i = 0; i < count; i++) cursors.move("read", ConversationId.make(`dm:bob:friend${i}`), 1)
    return cursors
  }

  it("those who are gone do not wait for a round, and nobody's many keep another's few from theirs", () => {
    const batcher = new CursorBatcher()
    const [many, few, gone] = [sourceOf(100), sourceOf(1), sourceOf(1, true)]
    batcher.add(many)
    assert.isTrue(batcher.take(0, true).moves.every(({ source }) => source === many))
    batcher.add(few)
    batcher.add(gone)
    const taken: Array<MoveRequest> = []
    while (batcher.due) taken.push(...batcher.take(1, false).moves)
    assert.deepStrictEqual([taken[0]?.source, taken.at(-1)?.source], [gone, few])
    // What is left of the many has its turn in the next round, which has its time.
    assert.isEmpty(batcher.take(moveIntervalMillis - 1, false).moves)
    while (taken.length < 1 + 1 + 100 - 32) taken.push(...batcher.take(moveIntervalMillis, false).moves)
    assert.isTrue(taken.slice(-37).every(({ source }) => source === many))
    assert.isFalse(batcher.waiting)
  })

  it("P6 a few go with what is said, and for a moment after it; in a calm more of them do", () => {
    const batcher = new CursorBatcher()
    const many = sourceOf(1_000)
    batcher.add(many)
    const taken = (now: number, isSaid: boolean) => batcher.take(now, isSaid).moves.length
    assert.deepStrictEqual([taken(0, false), taken(1, true), taken(20, false), taken(21, false)], [256, 32, 32, 256])
    batcher.settle({ _tag: "Settle", source: many, done: () => {} })
    assert.deepStrictEqual([taken(22, true), taken(42, false)], [32, 256])
  })

  it("what the store did not take is offered again", () => {
    const batcher = new CursorBatcher()
    batcher.add(sourceOf(1, true))
    batcher.restore(batcher.take(0, false).moves)
    assert.deepStrictEqual(batcher.takeAll().map(({ move }) => move.upTo), [1])
  })
})
