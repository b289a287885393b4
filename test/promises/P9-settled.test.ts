/**
 * P9 as one law of a group's actor: whatever is asked of groups is settled exactly once, whoever asks, whatever the
 * store and the app's rules do meanwhile. What is not settled keeps a socket paused for ever.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import type { ChatCommand, GroupInfoRequest } from "../../src/domain/ClientFrame.ts"
import type { GroupCommand } from "../../src/domain/groupRules.ts"
import { ClientId, UserId } from "../../src/domain/Ids.ts"
import { allowAll, Authorization } from "../../src/services/access/Authorization.ts"
import { newGroupId } from "../../src/services/group/groupIds.ts"
import type { GroupRequest } from "../../src/services/group/GroupMessage.ts"
import { Groups } from "../../src/services/group/Groups.ts"
import { StoreError } from "../../src/services/storage/MessageStore.ts"
import { actors, pass, settle } from "../support/actors.ts"
import { memoryWith } from "../support/stores.ts"

const users = ["alice", "bob", "mallory"].map((name) => UserId.make(name))
const groups = ["g", "h"].map((id) => newGroupId(users[0]!, ClientId.make(id)))

const int = (maximum: number) => Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum })))

const steps = Schema.Array(Schema.Struct({
  who: int(2),
  where: int(1),
  whom: int(2),
  what: Schema.Literals([
    "create",
    "say",
    "say",
    "info",
    "rename",
    "add",
    "add many",
    "remove",
    "leave",
    "typing",
    "typing that breaks",
    "doubt",
    "pass",
    "store breaks",
    "store works",
    "rule breaks",
    "rule works"
  ])
})).pipe(Schema.check(Schema.isMinLength(20), Schema.isMaxLength(80)))

type Step = (typeof steps.Type)[number]

interface Weather {
  store: boolean
  rule: boolean
}

const storeIn = (weather: Weather) =>
  memoryWith((store) => {
    const ask = <A>(call: Effect.Effect<A, StoreError>) =>
      Effect.suspend(() => weather.store ? call : Effect.fail(new StoreError({ kind: "unavailable", message: "away" })))
    return {
      group: (group) => ask(store.group(group)),
      groupHead: (group) => ask(store.groupHead(group)),
      membership: (...of) => ask(store.membership(...of)),
      wasMember: (...of) => ask(store.wasMember(...of)),
      blockedEitherWay: (...of) => ask(store.blockedEitherWay(...of))
    }
  })

const ruleIn = (weather: Weather) =>
  Layer.succeed(Authorization, {
    ...allowAll,
    addToGroup: () => {
      if (!weather.rule) throw new Error("the app's own defect")
      return true
    }
  })

/** What was asked, and how often it was settled. */
class Asked {
  readonly all: Array<{ readonly what: string; settled: number }> = []

  of(what: string) {
    const entry = { what, settled: 0 }
    this.all.push(entry)
    const requester = { accepted() {}, rejected() {}, answer() {}, flush() {}, settled: () => void entry.settled++ }
    return { entry, requester }
  }
}

const requestOf = (asked: Asked, { what, where, who, whom }: Step): GroupRequest => {
  const { entry, requester } = asked.of(`${asked.all.length}: ${what} by ${users[who]!}`)
  const sender = users[who]!
  const group = groups[where]!
  const id = ClientId.make(`${asked.all.length}`)
  const change = (command: object) =>
    ({ _tag: "Change", sender, command: { group, id, ...command } as GroupCommand, requester }) as const
  switch (what) {
    case "create":
      return { ...change({ type: "create_group", name: "tea", members: [users[1]] }), sender: users[0]! }
    case "say":
      return {
        _tag: "Chat",
        sender,
        command: { type: "chat_message", group, id, text: "hi" } as ChatCommand,
        requester
      }
    case "info":
      return { _tag: "Info", sender, command: { type: "group_info", group, id } as GroupInfoRequest, requester }
    case "rename":
      return change({ type: "rename_group", name: "coffee" })
    case "add many":
      return change({ type: "add_members", members: Array.from({ length: 20 }, (_, i) => UserId.make(`u${i}`)) })
    case "remove":
      return change({ type: "remove_members", members: [users[whom]] })
    case "leave":
      return change({ type: "leave_group" })
    case "typing":
    case "typing that breaks":
      return {
        _tag: "Members",
        sender,
        use: () => {
          if (what === "typing that breaks") throw new Error("a defect")
          entry.settled++
        },
        refused: () => void entry.settled++
      }
    default:
      return change({ type: "add_members", members: [users[whom]] })
  }
}

const law = (list: ReadonlyArray<Step>) => {
  const weather: Weather = { store: true, rule: true }
  const asked = new Asked()
  return Effect.gen(function*() {
    const { doubt, tell } = yield* Groups
    // Both are there and have everybody in them, so that much of what is asked is good.
    for (const where of [0, 1]) tell(groups[where]!, requestOf(asked, { what: "create", where, who: 0, whom: 0 }))
    yield* settle
    for (const step of list) {
      if (step.what === "doubt") doubt()
      else if (step.what === "pass") yield* settle
      else if (step.what.startsWith("store")) weather.store = step.what === "store works"
      else if (step.what.startsWith("rule")) weather.rule = step.what === "rule works"
      else tell(groups[step.where]!, requestOf(asked, step))
    }
    for (let i = 0; i < 20; i++) yield* settle
    yield* pass("10 seconds")
    assert.deepStrictEqual(asked.all.filter(({ settled }) => settled !== 1), [])
  }).pipe(Effect.provide(Layer.fresh(actors({}, storeIn(weather)).pipe(Layer.provide(ruleIn(weather))))))
}

const at = (what: Step["what"], who = 0): Step => ({ what, who, where: 0, whom: 2 })

describe("what is asked of groups", () => {
  it.effect.prop(
    "P9 is settled once, whatever breaks",
    [steps],
    ([list]) => law(list),
    { arbitrary: { runs: 100, size: 80 }, timeout: 120_000 }
  )

  it.effect("P9 is settled although an app's rule broke on what stood before it", () =>
    law([at("rule breaks"), at("add"), at("rename"), at("say"), at("say", 1), at("typing", 1), at("info")]))

  it.effect("P9 is settled although somebody's callback broke before it", () =>
    law([at("say"), at("typing that breaks"), at("rename"), at("say", 1), at("typing", 1), at("info")]))
})
