/** Who is where: what servers tell each other of it comes out right, whatever the bus loses. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { DeviceId, UserId } from "../../../src/domain/Ids.ts"
import type { Gone } from "../../../src/services/cluster/Cluster.ts"
import { leaseMillis } from "../../../src/services/cluster/Peers.ts"
import { Vicinity } from "../../../src/services/cluster/Vicinity.ts"
import { decode, encode, type Message } from "../../../src/services/cluster/Wire.ts"

const [alice, bob] = [UserId.make("alice"), UserId.make("bob")]
const phone = DeviceId.make("phone")

/** Servers on a bus that carries what the test lets it carry. */
const setUp = (...names: ReadonlyArray<string>) => {
  const clock: { now: number; ahead: Record<string, number> } = { now: 0, ahead: {} }
  const waiting: Array<{ readonly from: string; readonly message: Message }> = []
  const nodes = names.map((node) => {
    const changed: Array<string> = []
    const publish = (message: Message) => {
      waiting.push({ from: node, message: decode(JSON.parse(JSON.stringify(encode(message))))! })
    }
    const vicinity: Vicinity = new Vicinity({
      node,
      now: () => clock.now,
      wallNow: () => 1_000_000 + clock.now + (clock.ahead[node] ?? 0),
      publish,
      changed: (user, { isNoted, silentMillis }: Gone) =>
        changed.push(`${user} ${vicinity.roster.has(user) ? "there" : `gone ${silentMillis} ${isNoted}`}`),
      gone: () => changed.push("gone"),
      log: (event) => event._tag === "Skewed" && changed.push(`${event.node} is ahead by ${event.aheadMillis}`),
      greet: () => publish(vicinity.beat({ epoch: 1, offset: 0 }))
    })
    const beat = () => publish(vicinity.beat({ epoch: 1, offset: 0 }))
    return { node, vicinity, changed, beat }
  })
  const answering: Array<Effect.Effect<void>> = []
  const hear = (vicinity: Vicinity, message: Message) => {
    switch (message._) {
      case "beat":
        return vicinity.heardBeat(message)
      case "who":
        return vicinity.heardWho(message)
      case "all":
        return vicinity.heardAll(message)
      case "want":
        return void (vicinity.wanted(message.node) && answering.push(vicinity.answer))
    }
  }
  /** Everything that waits is heard, and what is said because of it. */
  const carry = Effect.gen(function*() {
    while (waiting.length > 0) {
      for (const { from, message } of waiting.splice(0)) {
        for (const { node, vicinity } of nodes) if (node !== from) hear(vicinity, message)
      }
      const answers = yield* Effect.forkChild(Effect.all(answering.splice(0), { concurrency: "unbounded" }))
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(answers)
    }
  })
  return { clock, nodes, carry, lose: () => waiting.splice(0).length }
}

describe("the vicinity", () => {
  it.effect("hears who comes and goes, and asks for all where something is missing", () =>
    Effect.gen(function*() {
      const { carry, clock, lose, nodes } = setUp("a", "b")
      const [a, b] = [nodes[0]!, nodes[1]!]
      a.beat()
      yield* carry
      a.vicinity.attend(alice, { connections: 2, devices: { [phone]: 7 } })
      a.vicinity.tell()
      yield* carry
      assert.deepStrictEqual(
        [b.vicinity.roster.connections(alice), b.vicinity.roster.newest(alice, phone)],
        [2, 7]
      )
      // This is lost, and the next sign of life says that something was told.
      a.vicinity.attend(bob, { connections: 1 })
      a.vicinity.attend(alice, undefined)
      a.vicinity.tell()
      assert.isAbove(lose(), 0)
      clock.now = 2_000
      a.beat()
      yield* carry
      assert.deepStrictEqual([b.vicinity.roster.has(alice), b.vicinity.roster.has(bob)], [false, true])
      assert.deepStrictEqual(b.changed, ["alice there", "bob there", "alice gone 0 true"])
    }))

  it.effect("who was on a lost server is gone, and one of the others writes down when that was", () =>
    Effect.gen(function*() {
      const { carry, clock, nodes } = setUp("a", "b", "c")
      const [a, b, c] = [nodes[0]!, nodes[1]!, nodes[2]!]
      for (const { beat } of nodes) beat()
      yield* carry
      c.vicinity.attend(alice, { connections: 1 })
      c.vicinity.tell()
      yield* carry
      clock.now = leaseMillis
      for (const { beat } of [a, b]) beat()
      yield* carry
      for (const { vicinity } of [a, b]) vicinity.stored([])
      assert.deepStrictEqual([a.changed.slice(-2), b.changed.slice(-2)], [
        ["gone", `alice gone ${leaseMillis} false`],
        ["gone", `alice gone ${leaseMillis} true`]
      ])
      assert.strictEqual(a.vicinity.others, 1)
      a.vicinity.left("b")
      assert.strictEqual(a.changed.at(-1), "gone")
    }))

  it.effect("a clock that is off is told of once, until it is right again", () =>
    Effect.gen(function*() {
      const { carry, clock, nodes } = setUp("a", "b")
      for (const ahead of [400, -600, -700, 0, 501]) {
        clock.ahead["b"] = ahead
        nodes[1]!.beat()
        yield* carry
      }
      assert.deepStrictEqual(nodes[0]!.changed, ["b is ahead by -600", "b is ahead by 501"])
    }))

  it.effect("a server that drains takes no clients", () =>
    Effect.gen(function*() {
      const { carry, nodes } = setUp("a", "b")
      for (const { beat } of nodes) beat()
      yield* carry
      assert.strictEqual(nodes[0]!.vicinity.others, 1)
      nodes[1]!.vicinity.isDraining = true
      nodes[1]!.beat()
      yield* carry
      assert.strictEqual(nodes[0]!.vicinity.others, 0)
      assert.deepStrictEqual(nodes[0]!.vicinity.status.map(({ draining, node }) => [node, draining]), [["b", true]])
    }))
})
