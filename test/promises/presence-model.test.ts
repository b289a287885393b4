/**
 * Presence as one law: whatever happened, and however slow the store is, each watcher ends up knowing of each user
 * whom they watch what is so: online if they may see each other and the other is here, offline otherwise.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Schema } from "effect"
import { TestClock } from "effect/testing"
import { UserId } from "../../src/domain/Ids.ts"
import type { ServerFrame } from "../../src/domain/ServerFrame.ts"
import { Presence } from "../../src/services/presence/Presence.ts"
import { MemoryMessageStore } from "../../src/services/storage/MemoryMessageStore.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import { actors, inPassingTime, settle, startUser } from "../support/actors.ts"
import { Device } from "../support/Device.ts"
import { memoryWith } from "../support/stores.ts"

const names = ["alice", "bob", "carol", "dave"] as const

const int = (maximum: number) => Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum })))

const step = Schema.Struct({
  /** Two devices of each user. */
  device: int(7),
  what: Schema.Literals([
    "come",
    "come",
    "go",
    "watch",
    "watch",
    "unwatch",
    "say",
    "block",
    "block",
    "unblock",
    "unblock",
    "add",
    "remove",
    "leave"
  ]),
  whom: int(3),
  /** Milliseconds that pass after it. */
  pause: Schema.Literals([0, 0, 10, 100, 300, 2_000, 16_000])
})
type Step = typeof step.Type

const steps = Schema.Array(step).pipe(Schema.check(Schema.isMinLength(10), Schema.isMaxLength(60)))

class Watcher extends Device {
  /** What it was told last of each user whom it watches now. */
  readonly told = new Map<string, string>()
  readonly watched = new Set<string>()

  leave(): void {
    this.connection?.vanish()
    this.told.clear()
    this.watched.clear()
  }

  protected apply(frame: ServerFrame): void {
    if (frame.type === "presence") this.told.set(frame.user, frame.status)
  }
}

/** As far away as a database in another room. */
const slow = (millis: number) =>
  memoryWith((store) => {
    const away = <A extends ReadonlyArray<never>, B, E>(f: (...args: A) => Effect.Effect<B, E>) => (...args: A) =>
      f(...args).pipe(Effect.delay(millis / 2), Effect.tap(Effect.sleep(millis / 2)))
    return {
      commit: away(store.commit),
      group: away(store.group),
      visibleTo: away(store.visibleTo),
      setBlock: away(store.setBlock),
      blockedEitherWay: away(store.blockedEitherWay),
      lastSeen: away(store.lastSeen)
    }
  })

/** In steps, so that what waits for one thing after the other gets somewhere. */
const passing = Effect.fnUntraced(function*(millis: number) {
  for (let left = millis; left > 0; left -= 100) {
    yield* TestClock.adjust(Math.min(left, 100))
    yield* settle
  }
})

const act = Effect.fnUntraced(function*(device: Watcher, { what, whom }: Step, group: string) {
  const other = names[whom]!
  switch (what) {
    case "come":
      return yield* device.come()
    case "go":
      return device.leave()
    case "watch":
      if (device.isHere) device.watched.add(other)
      return device.send({ type: "subscribe_presence", users: [other] })
    case "unwatch":
      device.watched.delete(other)
      return device.send({ type: "unsubscribe_presence", users: [other] })
    case "say":
      return device.send({ type: "chat_message", recipient: other, text: "hi" })
    case "block":
    case "unblock":
      return device.send({ type: what, user: other })
    case "add":
    case "remove":
      return device.send({ type: `${what}_members`, group, members: [other] })
    case "leave":
      return device.send({ type: "leave_group", group })
  }
})

const law = (list: ReadonlyArray<Step>) =>
  Effect.gen(function*() {
    const devices = Array.from({ length: 8 }, (_, i) => new Watcher(UserId.make(names[i >> 1]!)))
    const founder = yield* startUser("erin", { level: "v1" })
    yield* settle
    founder.connection.send({ type: "create_group", name: "tea", members: ["alice", "bob"] })
    yield* passing(5_000)
    const info = founder.connection.all("group_info")[0]
    const group = info?.type === "group_info" ? info.group : assert.fail("no group")
    for (const user of ["alice", "bob"]) {
      founder.connection.send({ type: "set_role", group, user, role: "owner" })
    }
    for (const each of list) {
      for (const { connection } of devices) connection?.pong()
      founder.connection.pong()
      yield* act(devices[each.device]!, each, group)
      yield* settle
      if (each.pause > 0) yield* passing(each.pause)
    }
    // Nothing has happened for so long that everything is known.
    for (let passed = 0; passed < 20_000; passed += 5_000) {
      for (const { connection } of devices) connection?.pong()
      yield* passing(5_000)
    }
    const store = yield* MessageStore
    for (const device of devices) {
      device.read()
      for (const user of device.watched) {
        const here = devices.some((other) => other.user === user && other.isHere)
        const looking = yield* Effect.forkChild(store.visibleTo(device.user, [UserId.make(user)]))
        yield* TestClock.adjust("1 second")
        const visibleTo = user === device.user || (yield* Fiber.join(looking)).length > 0
        assert.strictEqual(
          device.told.get(user),
          here && visibleTo ? "online" : "offline",
          `${device.user} about ${user}, who is ${here ? "here" : "away"}, ${visibleTo ? "known" : "unknown"}`
        )
      }
    }
    for (const { connection } of devices) connection?.vanish()
    founder.connection.vanish()
    yield* settle
    yield* TestClock.adjust("16 seconds")
    assert.deepStrictEqual(yield* (yield* Presence).size, { online: 0, watches: 0 }, "P7 nothing is left")
  })

describe("presence", () => {
  for (const millis of [0, 200]) {
    it.effect.prop(
      `each watcher ends up knowing what is so, with a store that takes ${millis} ms`,
      [steps],
      ([list]) =>
        inPassingTime(
          actors(
            { maxMessagesPerSecond: 0, maxMessagesPerSecondPerUser: 0 },
            millis === 0 ? MemoryMessageStore.layer() : slow(millis)
          ),
          law(list)
        ),
      { arbitrary: { runs: Number(process.env["MODEL_RUNS"] ?? 40) }, timeout: 60_000 }
    )
  }
})
