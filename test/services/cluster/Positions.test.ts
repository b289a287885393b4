/** P2 and P5: what comes in any order is delivered in the order of the log, and what is missing is asked for. */
import { assert, describe, it } from "@effect/vitest"
import * as Conversation from "../../../src/domain/Conversation.ts"
import { type ConversationId, GroupId } from "../../../src/domain/Ids.ts"
import {
  type LogItem,
  Positions,
  type PositionsBounds,
  type Publication
} from "../../../src/services/cluster/Positions.ts"
import type { Position } from "../../../src/services/storage/Journal.ts"

const conversationOf = (name: string) => Conversation.group(GroupId.make(name))

const item = (name: string, seq: number, after?: readonly [epoch: number, offset: number]): LogItem => ({
  conversation: conversationOf(name),
  seq,
  ...(after === undefined ? undefined : { after: { epoch: after[0], offset: after[1] } })
})

const commit = (
  epoch: number,
  offset: number,
  items: ReadonlyArray<LogItem> = [],
  rest: Partial<Publication<LogItem, string>> = {}
): Publication<LogItem, string> => ({ epoch, offset, prev: offset - 1, items, notes: [], ...rest })

interface Options {
  readonly known?: ReadonlyArray<readonly [number, number]>
  readonly deliver?: (item: LogItem, name: string) => boolean
  readonly bounds?: Partial<PositionsBounds>
}

const make = ({ bounds, deliver, known = [] }: Options = {}) => {
  const heard: Array<string> = []
  const positions = new Positions<LogItem, string>({
    known: new Map(known),
    deliver: (each) => {
      const name = `${Conversation.groupOf(each.conversation)}${each.seq}`
      heard.push(name)
      return deliver?.(each, name) ?? true
    },
    note: (note) => heard.push(note),
    overflowed: () => heard.push("overflowed"),
    ...(bounds === undefined ? undefined : { bounds })
  })
  return { heard, positions, wanted: () => Array.from(positions.wanted) }
}

describe("Positions", () => {
  it("P2 an entry waits for the one before it, whoever wrote that, and nothing comes twice", () => {
    const { heard, positions, wanted } = make({ known: [[1, 41]] })
    const late = commit(2, 1, [item("a", 8, [1, 42]), item("b", 1)])
    positions.offer(late)
    assert.deepStrictEqual(heard, ["b1"])
    assert.deepStrictEqual([wanted(), positions.size], [[1], 1])
    positions.offer(commit(3, 1, [item("a", 9, [2, 1])]))
    positions.offer(commit(1, 42, [item("a", 7, [1, 40])]))
    positions.offer(late)
    assert.deepStrictEqual(heard, ["b1", "a7", "a8", "a9"])
    assert.deepStrictEqual([wanted(), positions.size], [[], 0])
    assert.deepStrictEqual(Array.from(positions.positions), [[1, 42], [2, 1], [3, 1]])
  })

  it("P2 all that one commit brings takes its place before those that waited for that commit", () => {
    const { heard, positions } = make()
    positions.offer(commit(2, 1, [item("a", 3, [1, 1])]))
    positions.offer(commit(1, 1, [item("a", 1), item("a", 2, [1, 1])]))
    assert.deepStrictEqual(heard, ["a1", "a2", "a3"])
  })

  it("P5 a gap is seen, asked for and filled from the journal; what came early follows", () => {
    const { heard, positions, wanted } = make()
    positions.offer(commit(1, 3, [item("a", 3)], { notes: ["kick"] }))
    positions.offer(commit(1, 2, [item("a", 2)]))
    assert.deepStrictEqual([heard, wanted()], [[], [1]])
    positions.offer(commit(1, 1, [item("a", 1)]))
    positions.offer(commit(1, 3, [item("a", 3)], { notes: ["kick"] }))
    assert.deepStrictEqual([heard, wanted()], [["a1", "a2", "a3", "kick"], []])
  })

  it("what was not for this server is no gap", () => {
    const { heard, positions } = make({ known: [[1, 4]] })
    positions.offer(commit(1, 12, [item("a", 2)], { prev: 9 }))
    positions.offer(commit(1, 9, [item("a", 1)], { prev: 4 }))
    assert.deepStrictEqual([heard, positions.positions.get(1)], [["a1", "a2"], 12])
  })

  it("P5 past its bound what comes early is dropped, and asked for all the same", () => {
    const { heard, positions, wanted } = make({ bounds: { early: 1, earlyItems: 2 } })
    positions.offer(commit(1, 2, [item("a", 2), item("a", 3)]))
    positions.offer(commit(2, 2, [item("b", 2)]))
    positions.offer(commit(2, 1, [item("b", 1)]))
    assert.deepStrictEqual([heard, wanted()], [["b1"], [1, 2]])
    positions.offer(commit(2, 2, [item("b", 2)]))
    positions.offer(commit(1, 1))
    assert.deepStrictEqual([heard, wanted()], [["b1", "b2", "a2", "a3"], []])
  })

  it("many that came early follow without end", () => {
    const { heard, positions } = make()
    for (let offset = 1_000; offset > 0; offset--) positions.offer(commit(1, offset, [item("a", offset)]))
    assert.strictEqual(heard.length, 1_000)
    assert.strictEqual(heard.at(-1), "a1000")
  })

  it("P4 while an item is on its way, its conversation waits, and no other", () => {
    const { heard, positions } = make({ deliver: (_, name) => name !== "a1" && name !== "a2" })
    positions.offer(commit(1, 1, [item("a", 1), item("b", 1), item("a", 2, [1, 1]), item("a", 3, [1, 1])]))
    assert.deepStrictEqual([heard, positions.size], [["a1", "b1"], 2])
    positions.resume(conversationOf("b"))
    positions.resume(conversationOf("a"))
    assert.deepStrictEqual([heard, positions.size], [["a1", "b1", "a2"], 1])
    positions.resume(conversationOf("a"))
    positions.resume(conversationOf("a"))
    positions.offer(commit(1, 2, [item("a", 4, [1, 1])]))
    assert.deepStrictEqual(heard, ["a1", "b1", "a2", "a3", "a4"])
  })

  it("whoever delivers may resume and offer meanwhile", () => {
    const { heard, positions } = make({
      deliver: ({ conversation }, name) => {
        if (name === "a1") positions.offer(commit(2, 1, [item("a", 3, [1, 1]), item("b", 1)]))
        if (name === "b1") positions.resume(conversationOf("c"))
        if (name === "a2") positions.resume(conversation)
        return name !== "a2" && name !== "c1"
      }
    })
    positions.offer(commit(3, 1, [item("c", 1)]))
    positions.offer(commit(3, 2, [item("c", 2, [3, 1])]))
    positions.offer(commit(1, 1, [item("a", 1), item("a", 2, [1, 1])]))
    assert.deepStrictEqual(heard, ["c1", "a1", "a2", "a3", "b1", "c2"])
  })

  it("nobody waits for an epoch that is over, and nothing of it is heard again", () => {
    const { heard, positions, wanted } = make({ known: [[1, 3], [2, 0]] })
    positions.offer(commit(2, 1, [item("a", 7, [1, 4]), item("b", 7, [9, 4])]))
    positions.offer(commit(1, 6, [item("c", 1)]))
    assert.deepStrictEqual(wanted(), [1, 9])
    positions.alive([2], positions.asking())
    assert.deepStrictEqual([heard, wanted()], [["a7", "b7"], []])
    positions.offer(commit(9, 1, [item("b", 6)]))
    positions.offer(commit(2, 2, [item("d", 2, [9, 5])]))
    assert.deepStrictEqual([heard, Array.from(positions.positions)], [["a7", "b7", "d2"], [[2, 2]]])
  })

  it("P5 an epoch of which was heard after the journal was asked is not over, whatever its number", () => {
    const { heard, positions, wanted } = make({ known: [[8, 0]] })
    const asked = positions.asking()
    positions.offer(commit(5, 1, [item("a", 1)]))
    positions.offer(commit(8, 1, [item("b", 2, [6, 1])]))
    positions.alive([8], asked)
    assert.deepStrictEqual([heard, wanted()], [["a1"], [6]])
    positions.offer(commit(5, 1, [item("a", 1)]))
    positions.offer(commit(6, 1, [item("b", 1)]))
    assert.deepStrictEqual(heard, ["a1", "b1", "b2"])
    // Asked again, whoever is not there by then is over.
    positions.alive([8, 6], positions.asking())
    assert.deepStrictEqual(Array.from(positions.positions), [[8, 1], [6, 1]])
  })

  it("P5 when too much waits, all of it is let go and everybody is told to read the store, before anything else", () => {
    const { heard, positions, wanted } = make({ bounds: { waiting: 2 }, deliver: (_, name) => name !== "b1" })
    positions.offer(commit(1, 1, [item("b", 1), item("b", 2, [1, 1]), item("a", 2, [2, 1])]))
    assert.strictEqual(positions.size, 2)
    positions.offer(commit(1, 2, [item("c", 5, [3, 4]), item("d", 1)]))
    assert.deepStrictEqual(heard, ["b1", "overflowed", "d1"])
    assert.deepStrictEqual([positions.size, wanted(), positions.positions.get(1)], [0, [], 2])
    // What was on its way still is.
    positions.offer(commit(1, 3, [item("b", 3, [1, 1]), item("c", 6, [1, 2])]))
    assert.deepStrictEqual(heard.slice(3), ["c6"])
    positions.resume(conversationOf("b"))
    assert.deepStrictEqual(heard.slice(3), ["c6", "b3"])
  })

  it("a place that was reached is looked for, not all that wait", () => {
    let looks = 0
    const { heard, positions } = make()
    const counted = (name: string, offset: number): LogItem => ({
      conversation: name as ConversationId,
      seq: 2,
      get after(): Position {
        looks++
        return { epoch: 2, offset }
      }
    })
    positions.offer(commit(1, 1, Array.from({ length: 1_000 }, (_, i) => counted(`group:g${i}`, i + 1))))
    looks = 0
    for (let offset = 1; offset <= 1_000; offset++) positions.offer(commit(2, offset))
    assert.strictEqual(heard.length, 1_000)
    assert.isAtMost(looks, 5_000)
  })
})
