/** What one can do to groups and people. Each answers whether it was done; a refusal is told to the user. */
import type { GroupFields, GroupHistory, GroupInfo, Role, SimpleClient } from "../../client/index.ts"
import type { Store } from "../state/store.ts"
import type { Notices } from "./notices.ts"

/** Joins what may be missing. */
const reasonOf = (reason: string): [reason?: string] => reason.trim() === "" ? [] : [reason.trim()]

export const makeGroups = (
  client: SimpleClient,
  store: Store,
  { attempt }: Notices,
  loadNewer: (conversation: string) => Promise<void>
) => {
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
    /** The new group's conversation. */
    createGroup: async (name: string, members: ReadonlyArray<string>, history: GroupHistory) =>
      (await group(client.createGroup(name, members, { history })))?.conversation,
    addMembers: (id: string, members: ReadonlyArray<string>) => done(client.addMembers(id, members)),
    removeMember: (id: string, user: string, reason = "") =>
      done(client.removeMembers(id, [user], ...reasonOf(reason))),
    banMember: (id: string, user: string, reason = "") => done(client.banMembers(id, [user], ...reasonOf(reason))),
    unbanMember: (id: string, user: string) => done(client.unbanMembers(id, [user])),
    setRole: (id: string, user: string, role: Role) => done(client.setRole(id, user, role)),
    renameGroup: (id: string, name: string) => done(client.renameGroup(id, name)),
    setGroup: (id: string, fields: GroupFields) => done(client.setGroup(id, fields)),
    /** The conversation of the group that the invitation leads into. */
    join: async (invite: string) => (await group(client.join(invite)))?.conversation,
    leaveGroup: async (id: string) => (await attempt(client.leaveGroup(id).then(() => true))) === true,
    setBlocked: async (user: string, blocked: boolean) => {
      const users = await attempt(blocked ? client.block(user) : client.unblock(user))
      if (users !== undefined) store.dispatch({ type: "blocked", users })
      return users !== undefined
    }
  }
}
