/** Everything that the laws look at, gathered when all are at rest. */
import { Context, Effect, Exit } from "effect"
import { type ConversationId, DeviceId, GroupId, UserId } from "../../src/domain/Ids.ts"
import type { InviteInfo } from "../../src/domain/ServerFrame.ts"
import { Groups } from "../../src/services/group/Groups.ts"
import { GroupViews } from "../../src/services/group/GroupViews.ts"
import { Lifeline } from "../../src/services/kernel/Lifeline.ts"
import { Presence } from "../../src/services/presence/Presence.ts"
import { Typing } from "../../src/services/presence/Typing.ts"
import { Router } from "../../src/services/server/Router.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import { StoreHealth } from "../../src/services/storage/StoreHealth.ts"
import { CurrentMeters } from "../../src/services/telemetry/Meters.ts"
import { BlockLists } from "../../src/services/user/Blocks.ts"
import { Heartbeat } from "../../src/services/user/Heartbeat.ts"
import type { Facts, NodeAtRest, NodeEmpty } from "./Facts.ts"
import type { Ledger } from "./Ledger.ts"
import type { Device } from "./people/Device.ts"
import type { Plan, Step } from "./schedule.ts"
import type { Servers } from "./Servers.ts"
import type { SimNode } from "./world/SimNode.ts"

/** What is under way when a trouble ends has come within so long. */
const troubleMillis = 5_000

export interface GatherOptions {
  readonly plan: Plan
  readonly servers: Servers
  readonly ledger: Ledger
  /** Of others nothing is expected. */
  readonly devices: ReadonlyArray<Device>
  readonly groups: ReadonlyArray<string>
  readonly invitations: ReadonlyArray<InviteInfo>
}

const each = <A, B, E>(all: ReadonlyArray<A>, read: (one: A) => Effect.Effect<B, E>) =>
  Effect.map(
    Effect.forEach(all, (one) => Effect.map(read(one), (found) => [one, found] as const)),
    (found) => new Map(found)
  )

const readStore = Effect.fnUntraced(function*({ devices, groups, ledger, plan, servers }: GatherOptions) {
  const store = Context.get(servers.store.real, MessageStore)
  const people = plan.options.people.map((name) => UserId.make(name))
  // The ledger has them from the store.
  const conversations = Array.from(ledger.heads.keys()).sort() as Array<ConversationId>
  const logs = yield* each(
    conversations,
    (conversation) => Effect.map(store.history({ conversation, after: 0, limit: 100_000 }), ({ entries }) => entries)
  )
  const blocks = yield* each(people, (user) => store.blocks(user))
  const behind = yield* each(devices.map(({ index }) => index), (index) => {
    const { device = "default", user } = devices.find((each) => each.index === index)!
    return Effect.map(
      store.behind({ user: UserId.make(user), device: DeviceId.make(device), limit: 100 }),
      ({ items }) => items
    )
  })
  const visible = yield* each(
    people,
    (user) =>
      Effect.map(store.visibleTo(user, people.filter((other) => other !== user)), (seen) => new Set<string>(seen))
  )
  const states = yield* each(groups, (group) => store.group(GroupId.make(group)))
  return { logs, blocks, behind, visible, groups: states }
})

const troubles = ({ options: { peaceAt }, steps }: Plan, struckAmid: ReadonlyArray<Step>): Facts["troubles"] =>
  [...steps, ...struckAmid].flatMap((step) => {
    const isTrouble = step._tag === "Pause" || step._tag === "CutBus" || step._tag === "Store" || step._tag === "Bus"
    return isTrouble ? [[step.at, Math.min(peaceAt, step.at + step.millis) + troubleMillis] as const] : []
  })

const atRest = (node: SimNode): NodeAtRest => {
  const context = node.context!
  const registry = Effect.runSync(Context.get(context, Router).registry)
  const users = Array.from(registry, ([user, sessions]) => [String(user), sessions.length] as const)
  return {
    name: node.machine.name,
    connections: Effect.runSync(node.gateway.size),
    users: new Map(users.sort(([a], [b]) => a < b ? -1 : 1)),
    isBroken: Effect.runSync(Context.get(context, Lifeline).isBroken),
    isDown: Context.get(context, StoreHealth).down() !== undefined,
    elsewhere: Array.from(new Set(node.cluster?.users())).map(String).sort(),
    others: node.cluster?.others() ?? 0
  }
}

export const gather = async (options: GatherOptions, pass: () => Promise<void>): Promise<Facts> => {
  const { devices, ledger, plan, servers } = options
  const reading = servers.store.machine.run(readStore(options))
  await pass()
  const exit = reading.pollUnsafe()
  if (exit === undefined || Exit.isFailure(exit)) throw new Error(`the store does not tell: ${String(exit)}`)
  return {
    ...exit.value,
    plan,
    devices,
    kept: ledger.kept,
    blockedAt: (user, other, before) => ledger.blockedAt(user, other, before),
    wasBlocked: (user, other, at) => ledger.wasBlocked(user, other, at),
    confirmedAt: (user, device, conversation, at) => ledger.confirmedAt(user, device, conversation, at),
    troubles: troubles(plan, servers.struckAmid),
    nodes: servers.running.map(atRest),
    invitations: options.invitations,
    told: servers.receiver?.took
  }
}

/** What is counted of what may stay behind. */
export const emptied = (node: SimNode): NodeEmpty => {
  const context = node.context!
  const { gauges } = Context.get(context, CurrentMeters)
  const size = <A>(of: Effect.Effect<A>): A => Effect.runSync(of)
  const { online, watches } = size(Context.get(context, Presence).size)
  const mailboxes = Object.entries(gauges.mailboxes).map(([name, waiting]) => [`mailbox of ${name}`, waiting()])
  return {
    ...atRest(node),
    timers: node.machine.timers,
    left: {
      ...Object.fromEntries(mailboxes) as Record<string, number>,
      connections: gauges.connections(),
      "outbound bytes": gauges.outboundBytes(),
      heartbeats: size(Context.get(context, Heartbeat).size),
      groups: size(Context.get(context, Groups).size),
      "views of groups": size(Context.get(context, GroupViews).size),
      online,
      watches,
      typing: size(Context.get(context, Typing).size),
      "block lists": size(Context.get(context, BlockLists).size)
    }
  }
}
