/** What is published is heard, as it is. */
import { Effect } from "effect"
import assert from "node:assert/strict"
import { maxMessageBytes } from "../../services/cluster/Bus.ts"
import { type Case, hear, heardUntil, numbered, until } from "./busMembers.ts"

// Characters of one to four bytes, so that a cut between bytes falls in every place of them.
const mixed = (length: number): string => "aé€🧑‍🧒\u2028\"\\\n{}\uffff".repeat(Math.ceil(length / 18)).slice(0, length)

const texts = [
  "",
  "=",
  "?",
  "plain",
  "{\"a\":[1,2,3]}",
  "\"\\\r\n\t\u0001\u007f\u0085\u2028\u2029\ufeff\uffff",
  "Ünïcödé ظاهرة 字 🧑‍🧑‍🧒‍🧒",
  "'; SELECT pg_sleep(10); --",
  "\r\n*1\r\n$4\r\nPING\r\n",
  "aé€🧑".repeat(3_000),
  `x${"🧑".repeat(4_000)}`,
  mixed(30_000).toWellFormed()
]

export const messageCases = <E, R>(): ReadonlyArray<Case<E, R>> => [
  {
    name: "what is published is heard by all members and by oneself, in order",
    body: Effect.fnUntraced(function*({ join }) {
      const members = [yield* join, yield* join, yield* join]
      for (const [i, member] of members.entries()) {
        const messages = numbered(100).map((message) => `${i}: ${message}`)
        messages.forEach((message) => member.publish(message))
        for (const other of members) assert.deepEqual(yield* hear(other, 100), messages)
      }
    })
  },
  {
    name: "a Gap comes first, also for who comes later, and that one hears nothing of before",
    body: Effect.fnUntraced(function*({ join }) {
      const early = yield* join
      early.publish("before")
      assert.deepEqual(yield* hear(early, 1), ["before"])
      const late = yield* join
      early.publish("after")
      assert.deepEqual(yield* hear(late, 1), ["after"])
    })
  },
  {
    name: "it is healthy soon",
    body: Effect.fnUntraced(function*({ join }) {
      const member = yield* join
      yield* until("it is not healthy", member.healthy)
    })
  },
  {
    name: "equal messages are all heard",
    body: Effect.fnUntraced(function*({ join }) {
      const member = yield* join
      for (let i = 0; i < 50; i++) member.publish("the same")
      member.publish("end")
      assert.equal((yield* heardUntil(member, (message) => message === "end")).length, 51)
    })
  },
  {
    name: "all that is text arrives as it is",
    body: Effect.fnUntraced(function*({ join }) {
      const [one, two] = [yield* join, yield* join]
      texts.forEach((text) => one.publish(text))
      assert.deepEqual(yield* hear(two, texts.length), texts)
    })
  },
  {
    name: "long messages arrive whole, the longest too",
    body: Effect.fnUntraced(function*({ join }) {
      const [one, two] = [yield* join, yield* join]
      const long = [`${"a".repeat(100_000)}.`, "b".repeat(maxMessageBytes), "c".repeat(7_499), "small"]
      long.forEach((message) => one.publish(message))
      assert.deepEqual(yield* hear(two, long.length), long)
    })
  },
  {
    name: "a message that is too long is dropped and harms nobody",
    body: Effect.fnUntraced(function*({ join }) {
      const [one, two] = [yield* join, yield* join]
      one.publish("first")
      one.publish("x".repeat(maxMessageBytes + 1))
      one.publish("é".repeat(maxMessageBytes / 2 + 1))
      one.publish("last")
      for (const member of [one, two]) assert.deepEqual(yield* hear(member, 2), ["first", "last"])
    })
  },
  {
    name: "2,000 messages at once all arrive",
    body: Effect.fnUntraced(function*({ join }) {
      const [one, two] = [yield* join, yield* join]
      const messages = numbered(2_000, 200)
      messages.forEach((message) => one.publish(message))
      for (const member of [one, two]) assert.deepEqual(yield* hear(member, 2_000), messages)
    })
  }
]
