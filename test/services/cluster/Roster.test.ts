import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { DeviceId, UserId } from "../../../src/domain/Ids.ts"
import {
  Announcements,
  type AttendanceChanges,
  type AttendanceChunk
} from "../../../src/services/cluster/Announcements.ts"
import { type Attendance, Roster } from "../../../src/services/cluster/Roster.ts"

const users = ["a", "b", "c", "d", "e"].map((name) => UserId.make(name))
const [a, b, c] = users as [UserId, UserId, UserId]
// A name that every object has.
const phone = DeviceId.make("constructor")
const on = (user: UserId, connections = 1, order?: number): Attendance =>
  order === undefined ? { user, connections } : { user, connections, devices: { [phone]: order } }

const make = () => {
  const changed: Array<UserId> = []
  return { changed, roster: new Roster({ changed: (user) => changed.push(user) }) }
}

describe("Roster", () => {
  it("knows who is on other servers, with how many connections and which devices", () => {
    const { changed, roster } = make()
    assert.strictEqual(roster.apply("n1", 0, 1, [on(a), on(b, 2, 7)], []), "ok")
    assert.strictEqual(roster.apply("n2", 0, 1, [on(b, 1, 9)], []), "ok")
    assert.deepStrictEqual([roster.has(a), roster.has(c), roster.connections(b), roster.size], [true, false, 3, 3])
    assert.deepStrictEqual([roster.newest(b, phone), roster.newest(a, phone)], [9, undefined])
    assert.deepStrictEqual(changed, [a, b, b])
    // How many connections is nobody's news.
    roster.apply("n1", 1, 2, [on(a, 3)], [])
    assert.deepStrictEqual([changed.length, roster.connections(a)], [3, 3])
    roster.apply("n2", 1, 2, [on(b, 1, 10)], [])
    roster.apply("n1", 2, 3, [], [a, c])
    assert.deepStrictEqual(changed.slice(3), [b, a])
    assert.deepStrictEqual(roster.drop("n2"), [])
    assert.deepStrictEqual(roster.drop("n1"), [b])
    assert.deepStrictEqual([roster.size, roster.versionOf("n1"), Array.from(roster.nodes)], [0, undefined, []])
  })

  it("what is missing is noticed, what is old is ignored, what is known already does no harm", () => {
    const { roster } = make()
    assert.strictEqual(roster.apply("n1", 3, 4, [on(a)], []), "gap")
    assert.deepStrictEqual([roster.versionOf("n1"), Array.from(roster.nodes)], [undefined, []])
    roster.snapshot("n1", 4, 0, 1, [on(a)])
    assert.strictEqual(roster.apply("n1", 3, 4, [], [a]), "ok")
    assert.isTrue(roster.has(a))
    assert.strictEqual(roster.apply("n1", 3, 6, [on(b)], [a]), "ok")
    assert.deepStrictEqual([roster.has(a), roster.has(b), roster.versionOf("n1")], [false, true, 6])
  })

  it("a snapshot counts when all of it is there; a newer one takes its place, an older one is ignored", () => {
    const { changed, roster } = make()
    roster.apply("n1", 0, 1, [on(a), on(b)], [])
    roster.snapshot("n1", 5, 1, 2, [on(c)])
    roster.snapshot("n1", 5, 1, 2, [on(c)])
    roster.snapshot("n1", 4, 0, 2, [on(a)])
    assert.strictEqual(roster.versionOf("n1"), 1)
    roster.snapshot("n1", 6, 0, 2, [on(b)])
    roster.snapshot("n1", 5, 0, 2, [on(a)])
    roster.snapshot("n1", 6, 1, 2, [on(c)])
    assert.deepStrictEqual([roster.versionOf("n1"), roster.size], [6, 2])
    assert.deepStrictEqual(changed, [a, b, c, a])
    roster.snapshot("n1", 2, 0, 1, [])
    roster.snapshot("n2", 1, 0, 1_001, [])
    roster.snapshot("n2", 1, 1, 1, [])
    assert.deepStrictEqual([roster.size, Array.from(roster.nodes)], [2, ["n1"]])
    roster.snapshot("n2", 0, 0, 1, [])
    assert.strictEqual(roster.versionOf("n2"), 0)
  })
})

describe("Announcements", () => {
  it("who came and went in between is not told, and what is told has a bound", () => {
    const mine = new Announcements()
    assert.isUndefined(mine.take())
    mine.set(a, on(a, 1, 3))
    mine.set(b, on(b))
    mine.set(c, on(c))
    mine.set(c, undefined)
    assert.deepStrictEqual(mine.take(1), { from: 0, to: 1, on: [on(a, 1, 3)], off: [] })
    assert.deepStrictEqual(mine.snapshot(10), [{ version: 1, part: 0, parts: 1, on: [on(a, 1, 3)] }])
    assert.deepStrictEqual(mine.take(), { from: 1, to: 2, on: [on(b)], off: [] })
    mine.set(a, undefined)
    mine.set(a, on(a, 1, 3))
    assert.isUndefined(mine.take())
    mine.set(a, on(a, 1, 4))
    mine.set(b, undefined)
    // As others know it until they are told.
    assert.deepStrictEqual(mine.snapshot(1), [
      { version: 2, part: 0, parts: 2, on: [on(a, 1, 3)] },
      { version: 2, part: 1, parts: 2, on: [on(b)] }
    ])
    assert.deepStrictEqual(mine.take(), { from: 2, to: 3, on: [on(a, 1, 4)], off: [b] })
  })

  const below = (n: number) => Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: n - 1 })))
  const Step = Schema.Struct({
    do: Schema.Literals([
      "set",
      "set",
      "set",
      "unset",
      "take",
      "take",
      "hear",
      "hear",
      "hear",
      "hear",
      "lose",
      "snapshot"
    ]),
    user: below(users.length),
    number: below(4),
    named: Schema.Boolean
  })

  type Heard = AttendanceChanges | AttendanceChunk

  it.effect.prop(
    "whoever hears of some of it, in any order, and asks after a gap, knows the same in the end",
    [Schema.Array(Step).pipe(Schema.check(Schema.isMinLength(30), Schema.isMaxLength(120)))],
    ([steps]) =>
      Effect.sync(() => {
        const mine = new Announcements()
        const present = new Map<UserId, Attendance>()
        const believed = new Set<UserId>()
        const roster = new Roster({ changed: (user) => roster.has(user) ? believed.add(user) : believed.delete(user) })
        const bus: Array<Heard> = []
        const hear = (heard: Heard) => {
          if ("parts" in heard) return roster.snapshot("n", heard.version, heard.part, heard.parts, heard.on)
          if (roster.apply("n", heard.from, heard.to, heard.on, heard.off) === "gap") bus.push(...mine.snapshot(2))
        }
        for (const { do: what, named, number, user: index } of steps) {
          const user = users[index]!
          if (what === "set") {
            const attendance = on(user, 1 + number, named ? number : undefined)
            present.set(user, attendance)
            mine.set(user, attendance)
          } else if (what === "unset") {
            present.delete(user)
            mine.set(user, undefined)
          } else if (what === "take") {
            const changes = mine.take(number === 0 ? 1 : undefined)
            if (changes !== undefined) bus.push(changes)
          } else if (what === "snapshot") {
            bus.push(...mine.snapshot(2))
          } else if (bus.length > 0) {
            const at = (index + number * users.length) % bus.length
            // Sometimes it stays, and comes again.
            const heard = what === "hear" && named ? bus[at]! : bus.splice(at, 1)[0]!
            if (what === "hear") hear(heard)
          }
        }
        for (let changes = mine.take(); changes !== undefined; changes = mine.take()) hear(changes)
        while (bus.length > 0) hear(bus.shift()!)
        if (roster.versionOf("n") !== mine.version) mine.snapshot(2).forEach(hear)
        for (const user of users) {
          const attendance = present.get(user)
          assert.strictEqual(roster.connections(user), attendance?.connections ?? 0)
          assert.strictEqual(roster.newest(user, phone), attendance?.devices?.[phone])
          assert.strictEqual(believed.has(user), attendance !== undefined)
        }
        assert.strictEqual(roster.size, present.size)
      }),
    { arbitrary: { runs: 500 } }
  )
})
