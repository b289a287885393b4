/** Much at once, and more than there is room for. */
import { Effect, Queue } from "effect"
import assert from "node:assert/strict"
import { maxWaitingBytes } from "../../services/cluster/Bus.ts"
import { type Case, hear, heardUntil, inTime, numbered } from "./busMembers.ts"

export const boundCases = <E, R>(): ReadonlyArray<Case<E, R>> => [
  {
    name: "members that speak at once are all heard",
    body: Effect.fnUntraced(function*({ join }) {
      const members = [yield* join, yield* join, yield* join]
      const long = "y".repeat(20_000)
      for (let i = 0; i < 30; i++) {
        for (const [m, member] of members.entries()) member.publish(`${m} ${i} ${i % 10 === 0 ? long : ""}`)
      }
      for (const member of members) {
        const heard = yield* hear(member, 90)
        for (const m of members.keys()) {
          const of = heard.filter((message) => message.startsWith(`${m} `))
          assert.deepEqual(of, Array.from({ length: 30 }, (_, i) => `${m} ${i} ${i % 10 === 0 ? long : ""}`))
        }
      }
    })
  },
  {
    name: "two channels do not hear each other",
    body: Effect.fnUntraced(function*({ channel, join, joinIn }) {
      const [here, there] = [yield* join, yield* joinIn(`${channel}_2`)]
      here.publish("here")
      there.publish("there")
      assert.deepEqual(yield* hear(here, 1), ["here"])
      assert.deepEqual(yield* hear(there, 1), ["there"])
      here.publish("here again")
      assert.deepEqual(yield* hear(here, 1), ["here again"])
    })
  },
  {
    name: "publishing never waits: past what may wait the oldest goes, and the newest is heard",
    body: Effect.fnUntraced(function*({ join }) {
      const [one, two] = [yield* join, yield* join]
      const size = 64_000
      for (const message of numbered(Math.ceil(3 * maxWaitingBytes / size), size)) one.publish(message)
      one.publish("newest")
      yield* heardUntil(two, (message) => message === "newest")
      one.publish("and after")
      assert.deepEqual(yield* hear(two, 1), ["and after"])
    })
  },
  {
    name: "where nobody takes what is heard, the oldest goes and a Gap says so",
    body: Effect.fnUntraced(function*({ join }) {
      const [one, two] = [yield* join, yield* join]
      const size = 64_000
      // One after the other, so that all of it is heard and none waits.
      for (const message of numbered(Math.ceil(2 * maxWaitingBytes / size), size)) {
        one.publish(message)
        yield* hear(one, 1)
      }
      one.publish("newest")
      yield* hear(one, 1)
      let gaps = 0
      let bytes = 0
      yield* inTime(
        "the newest was not heard",
        Effect.gen(function*() {
          while (true) {
            const event = yield* Queue.take(two.events)
            if (event._tag === "Gap") gaps++
            else if (event.message === "newest") return
            else bytes += event.message.length
          }
        })
      )
      assert.ok(bytes <= maxWaitingBytes * 1.1, `${bytes} bytes waited`)
      // It may come after the newest.
      while (gaps === 0) {
        const event = yield* inTime("no Gap came", Queue.take(two.events))
        if (event._tag === "Gap") gaps++
      }
    })
  }
]
