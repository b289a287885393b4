/** Presence at rest is who is connected; what each server knows of the others and of groups is what there is. */
import type { Facts } from "../Facts.ts"
import { TypedDevice } from "../people/TypedDevice.ts"
import type { Violated } from "../violation.ts"

/** Whom a server has, as those say who are there: so many lines of each user, in the order of their names. */
const usersOn = (name: string, devices: Facts["devices"]): ReadonlyMap<string, number> => {
  const users = new Map<string, number>()
  for (const { isHere, line, user } of [...devices].sort((a, b) => a.user < b.user ? -1 : 1)) {
    if (!isHere || line?.serverName !== name) continue
    users.set(user, (users.get(user) ?? 0) + 1)
  }
  return users
}

const shownUsers = (users: ReadonlyMap<string, number>): string =>
  Array.from(users, ([user, count]) => `${user} ${count}`).join()

/** Each server has the connections of those who are there and of nobody else. */
export const connected = ({ devices, nodes }: Facts, violated: Violated): void => {
  for (const { connections, name, users } of nodes) {
    const there = usersOn(name, devices)
    const law = "a server has those who are there"
    if (shownUsers(users) !== shownUsers(there)) {
      violated(law, `${name} has ${shownUsers(users)}, not ${shownUsers(there)}`)
    }
    const count = Array.from(there.values()).reduce((sum, each) => sum + each, 0)
    if (connections !== count) violated(law, `${name} has ${connections} connections, not ${count}`)
  }
}

/** Each watcher was told last what is so. */
export const presence = ({ devices, nodes, visible }: Facts, violated: Violated): void => {
  const online = new Set(nodes.flatMap(({ name }) => Array.from(usersOn(name, devices).keys())))
  for (const { label, plan, runs, user, watched } of devices) {
    // Plain clients are told once, and of no change.
    if (plan.kind === "plain") continue
    const told = new Map<string, string>()
    for (const { frame } of runs.at(-1)?.heard ?? []) if (frame.type === "presence") told.set(frame.user, frame.status)
    for (const other of watched) {
      if (other === user) continue
      const status = online.has(other) && visible.get(user)!.has(other) ? "online" : "offline"
      if (told.get(other) !== status) {
        violated("presence is who is connected", `${label} was told that ${other} is ${told.get(other)}, not ${status}`)
      }
    }
  }
}

/** What each server believes of the others. */
export const vicinity = ({ devices, nodes }: Facts, violated: Violated): void => {
  for (const { elsewhere, isDown, name, others } of nodes) {
    const there = [
      ...new Set(
        nodes.filter((node) => node.name !== name).flatMap((node) => Array.from(usersOn(node.name, devices).keys()))
      )
    ]
    if (nodes.length > 1 && elsewhere.join() !== there.sort().join()) {
      violated("each server knows who is on the others", `${name}: ${elsewhere.join()}, not ${there.join()}`)
    }
    if (others !== nodes.length - 1) violated("servers know of each other", `${name} knows of ${others}`)
    if (isDown) violated("a store that works is used", name)
  }
}

/** Whoever is in a group is told of it as it is. */
export const groupInfos = ({ devices, groups }: Facts, violated: Violated): void => {
  for (const device of devices) {
    if (!(device instanceof TypedDevice)) continue
    for (const [group, state] of groups) {
      const isIn = state?.members.some(({ user }) => user === device.user) === true
      const told = device.groupsTold.find((info) => info.group === group)
      if (isIn !== (told !== undefined)) {
        violated("members are told of their groups, and nobody else", `${device.label}: ${group}`)
      } else if (told !== undefined) {
        const shown = (members: ReadonlyArray<{ readonly user: string; readonly role: string }>) =>
          members.map(({ role, user }) => `${user} ${role}`).sort().join()
        if (told.name !== state!.name || shown(told.members) !== shown(state!.members)) {
          violated("a group is what the store says", `${device.label}: ${JSON.stringify(told)}`)
        }
      }
    }
  }
}
