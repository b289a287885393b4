import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"
import { type ClientFrame, clientFrames, maxPresence, maxUsers } from "../../../src/domain/ClientFrame.ts"
import { GroupId, UserId } from "../../../src/domain/Ids.ts"
import { rateOf, TokenBucket, TokenBuckets } from "../../../src/services/kernel/TokenBuckets.ts"
import { Cooldowns } from "../../../src/services/limits/Cooldowns.ts"
import {
  cooldownMillis,
  costOf,
  costOfAnswer,
  costOfCounting,
  costOfSearch,
  FrameLimits
} from "../../../src/services/limits/FrameLimits.ts"
import { Settings } from "../../../src/services/Settings.ts"
import { countedFor } from "../../../src/services/storage/unread.ts"

const alice = UserId.make("alice")

const takes = Schema.Array(Schema.Struct({
  after: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 500 }))),
  tokens: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 5 })))
}))

describe("TokenBucket", () => {
  it.effect.prop(
    "never grants more than the burst and the rate allow, and keeps its word about when",
    [takes],
    ([list]) =>
      Effect.sync(() => {
        const rate = rateOf(10)
        const bucket = new TokenBucket(rate, 0)
        let now = 0
        let granted = 0
        for (const { after, tokens } of list) {
          now += after
          const wait = bucket.take(rate, tokens, now)
          if (wait === 0) granted += tokens
          else {
            now += wait
            assert.strictEqual(bucket.take(rate, tokens, now), 0)
            granted += tokens
          }
          assert.isAtMost(granted, rate.burst + now * rate.perSecond / 1_000 + 1e-6)
        }
      })
  )

  it("a clock that steps back grants nothing", () => {
    const rate = rateOf(1)
    const bucket = new TokenBucket(rate, 1_000)
    assert.strictEqual(bucket.take(rate, 2, 1_000), 0)
    assert.isAbove(bucket.take(rate, 1, 500), 0)
  })
})

describe("TokenBuckets", () => {
  it("forget who is full again, and hold a bounded number whatever the keys are", () => {
    const buckets = new TokenBuckets(rateOf(1), 1_000)
    for (let i = 0; i < 100_000; i++) buckets.take(`attacker ${i}`, 2, 0)
    assert.isAtMost(buckets.size, 1_000)
    for (let i = 0; i < 2_000; i++) buckets.take(`later ${i}`, 1, 60_000 + i * 10)
    assert.isBelow(buckets.size, 500)
  })

  it("all connections of one key share its bucket, whenever they come, and it is forgotten after the last", () => {
    const buckets = new TokenBuckets(rateOf(1_000))
    const first = buckets.hold("alice", 0)
    // Full again, and others come: a second bucket would be a second allowance.
    for (let i = 0; i < 100; i++) buckets.take(`other ${i}`, 1, 10_000)
    assert.strictEqual(buckets.hold("alice", 20_000), first)
    buckets.release("alice")
    for (let i = 0; i < 100; i++) buckets.take(`later ${i}`, 1, 30_000)
    assert.strictEqual(buckets.hold("alice", 30_000), first)
    assert.strictEqual(first.take(buckets.rate, 2_000, 30_000), 0)
    buckets.release("alice")
    buckets.release("alice")
    // What is owed stays owed.
    assert.isAbove(buckets.take("alice", 1_000, 30_001), 0)
    for (let i = 0; i < 200; i++) buckets.take(`last ${i}`, 1, 60_000)
    assert.notStrictEqual(buckets.hold("alice", 60_000), first)
  })

  it("whoever owes is not forgotten by looking", () => {
    const buckets = new TokenBuckets(rateOf(1))
    assert.strictEqual(buckets.take("evil", 2, 0), 0)
    for (let i = 0; i < 1_000; i++) buckets.take(`other ${i}`, 1, 1)
    assert.isAbove(buckets.take("evil", 1, 2), 0)
  })
})

it("Cooldowns end, and are bounded", () => {
  const cooldowns = new Cooldowns()
  cooldowns.start("evil", 100)
  assert.deepStrictEqual([cooldowns.left("evil", 40), cooldowns.left("good", 40), cooldowns.left("evil", 100)], [
    60,
    0,
    0
  ])
  for (let i = 0; i < 20_000; i++) cooldowns.start(`${i}`, 100)
  assert.deepStrictEqual([cooldowns.left("0", 0), cooldowns.left("19999", 0)], [0, 100])
})

describe("FrameLimits", () => {
  const limits = (settings: Parameters<typeof Settings.layerOf>[0]) =>
    FrameLimits.layer.pipe(Layer.provide(Settings.layerOf(settings)))

  it.effect("a connection has its rate, and all connections of a user theirs", () =>
    Effect.gen(function*() {
      const service = yield* FrameLimits
      const [one, two] = [service.of(alice, "1.2.3.4"), service.of(alice, "1.2.3.4")]
      const granted = (limit: typeof one, n: number) =>
        Array.from({ length: n }, () => limit.take(1, 0)).filter((wait) => wait === 0).length
      assert.deepStrictEqual([granted(one, 100), granted(two, 100)], [20, 10])
      yield* TestClock.adjust("1 second")
      assert.strictEqual(one.take(10, 1_000), 0)
      assert.isAbove(one.take(1, 1_000), 0)
      // What one level refuses, the others get back.
      assert.strictEqual(two.take(5, 1_000), 0)
    }).pipe(Effect.provide(limits({ maxMessagesPerSecond: 10, maxMessagesPerSecondPerUser: 15 }))))

  it.effect("at the slowest rate every frame passes, and what it cost is owed", () =>
    Effect.gen(function*() {
      const service = yield* FrameLimits
      const users = Array.from({ length: maxPresence }, (_, i) => UserId.make(`u${i}`))
      const members = Array.from({ length: maxUsers }, (_, i) => UserId.make(`u${i}`))
      for (const type of Object.keys(clientFrames)) {
        const frame = { type, text: "x".repeat(16_384), members, users } as unknown as ClientFrame
        const limit = service.of(alice, "1.2.3.4")
        assert.strictEqual(limit.take(costOf(frame), 0), 0, type)
        const wait = limit.take(1, 0)
        assert.isAbove(wait, 0, type)
        assert.strictEqual(limit.take(1, wait), 0, type)
      }
    }).pipe(Effect.provide(limits({ maxMessagesPerSecond: 1, maxMessagesPerSecondPerUser: 0 }))))

  it.effect("a large answer is owed, at most a full bucket for one", () =>
    Effect.gen(function*() {
      const service = yield* FrameLimits
      const limit = service.of(alice, "1.2.3.4")
      limit.charge(costOfAnswer(4_096), 0)
      assert.strictEqual(limit.take(20, 0), 0)
      limit.charge(costOfAnswer(262_144), 0)
      assert.strictEqual(limit.take(1, 0), 2_100)
      assert.strictEqual(limit.take(1, 2_100), 0)
    }).pipe(Effect.provide(limits({ maxMessagesPerSecond: 10 }))))

  it.effect("who goes on is told once that it is enough, and stays refused for a while", () =>
    Effect.gen(function*() {
      const service = yield* FrameLimits
      const limit = service.of(alice, "1.2.3.4")
      let refused = 0
      while (!limit.refused(0)) refused++
      assert.isAtLeast(refused, 20)
      assert.strictEqual(service.cooldown(alice), cooldownMillis)
      assert.strictEqual(service.cooldown(UserId.make("bob")), 0)
      yield* TestClock.adjust(cooldownMillis)
      assert.strictEqual(service.cooldown(alice), 0)
    }).pipe(Effect.provide(limits({ maxMessagesPerSecond: 5 }))))

  it.effect("who breaks the rules of WebSocket again and again stays outside, too", () =>
    Effect.gen(function*() {
      const service = yield* FrameLimits
      for (let i = 0; i < 10; i++) service.of(alice, "1.2.3.4").violation()
      assert.strictEqual(service.cooldown(alice), 0)
      service.of(alice, "1.2.3.4").violation()
      assert.isAbove(service.cooldown(alice), 0)
    }).pipe(Effect.provide(limits({}))))

  it.effect("the default for addresses does not count loopback, a number of one's own does", () =>
    Effect.gen(function*() {
      const count = Effect.fnUntraced(function*(address: string) {
        const service = yield* FrameLimits
        const limit = service.of(alice, address)
        return Array.from({ length: 100_000 }, () => limit.take(1, 0)).filter((wait) => wait === 0).length
      })
      const lifted = { maxMessagesPerSecond: 0, maxMessagesPerSecondPerUser: 0 }
      const on = (settings: Parameters<typeof limits>[0], address: string) =>
        count(address).pipe(Effect.provide(Layer.fresh(limits({ ...lifted, ...settings }))))
      assert.strictEqual(yield* on({}, "127.0.0.1"), 100_000)
      assert.strictEqual(yield* on({}, "8.8.8.8"), 10_000)
      assert.strictEqual(yield* on({ maxMessagesPerSecondPerAddress: 7 }, "127.0.0.1"), 14)
      assert.strictEqual(yield* on({ maxMessagesPerSecondPerAddress: 0 }, "8.8.8.8"), 100_000)
    }))

  it("what costs the store is dear", () => {
    assert.isAbove(costOf({ type: "history", recipient: alice, after: 0 }), 1)
    assert.isAbove(costOf({ type: "add_members", group: GroupId.make("g"), members: Array(100).fill(alice) }), 20)
    for (
      const type of ["leave_group", "rename_group", "set_role", "set_group", "add_members", "remove_members"] as const
    ) {
      assert.isAtLeast(costOf({ type, group: GroupId.make("g"), members: [] } as never), 10, type)
    }
    assert.isAbove(costOf({ type: "ban_members", group: GroupId.make("g"), members: Array(100).fill(alice) }), 29)
    assert.isAbove(costOf({ type: "search", query: "tea" }), 4)
    assert.strictEqual(costOf(undefined), 1)
  })

  it("a list costs by what was counted for it", () => {
    const item = (head: number, read: number, unread: number) => ({ head_seq: head, read, unread })
    // Own words are counted over; where there is much that is unread, counting ends early.
    const counted = countedFor([item(10, 0, 10), item(5_000, 0, 0), item(90_000, 0, 0), item(90_000, 0, 1_000)])
    assert.strictEqual(counted, 10 + 5_000 + 10_000 + 1_000)
    assert.deepStrictEqual([0, 100, 50_000].map(costOfCounting), [0, 0, 100])
  })

  it("a search costs by the time that it takes, within bounds", () => {
    assert.deepStrictEqual([0, 10, 20].map(costOfSearch), [0, 100, 200])
    // A clock that stands still or a store that hangs is not the client's fault.
    assert.deepStrictEqual([-1, 5_000].map(costOfSearch), [0, 400])
  })
})
