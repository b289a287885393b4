/** What one can do to groups and people. Each answers whether it was done; a refusal is told to the user. */
import type { Store } from "../state/store.ts"
import type { GroupHistory, GroupInfo, Role, SimpleClient } from "./client.ts"

export interface Groups {
  /** The new group's conversation. */
  readonly createGroup: (
    name: string,
    members: ReadonlyArray<string>,
    history: GroupHistory
  ) => Promise<string | undefined>
  readonly addMembers: (group: string, members: ReadonlyArray<string>) => Promise<boolean>
  readonly removeMember: (group: string, user: string) => Promise<boolean>
  readonly setRole: (group: string, user: string, role: Role) => Promise<boolean>
  readonly renameGroup: (group: string, name: string) => Promise<boolean>
  readonly leaveGroup: (group: string) => Promise<boolean>
  readonly setBlocked: (user: string, blocked: boolean) => Promise<boolean>
}

type Attempt = <A>(promise: Promise<A>) => Promise<A | undefined>

export const makeGroups = (
  client: SimpleClient,
  store: Store,
  attempt: Attempt,
  loadNewer: (conversation: string) => Promise<void>
): Groups => {
  const group = async (answer: Promise<GroupInfo>): Promise<GroupInfo | undefined> => {
    const info = await attempt(answer)
    if (info === undefined) return undefined
    store.dispatch({ type: "group", info })
    // What one did oneself is not pushed; its line is in the log.
    void loadNewer(info.conversation)
    return info
  }
  const done = async (answer: Promise<GroupInfo>): Promise<boolean> => (await group(answer)) !== undefined
  return {
    createGroup: async (name, members, history) =>
      (await group(client.createGroup(name, members, { history })))?.conversation,
    addMembers: (id, members) => done(client.addMembers(id, members)),
    removeMember: (id, user) => done(client.removeMembers(id, [user])),
    setRole: (id, user, role) => done(client.setRole(id, user, role)),
    renameGroup: (id, name) => done(client.renameGroup(id, name)),
    leaveGroup: async (id) => (await attempt(client.leaveGroup(id).then(() => true))) === true,
    setBlocked: async (user, blocked) => {
      const users = await attempt(blocked ? client.block(user) : client.unblock(user))
      if (users !== undefined) store.dispatch({ type: "blocked", users })
      return users !== undefined
    }
  }
}
