/** Links into groups, and reports: what needs no answer but its own. */
import type { InviteList, SimpleClient } from "../../client/index.ts"
import { targetOf } from "../state/conversations.ts"
import type { Conversation } from "../state/model.ts"
import { words } from "../words/index.ts"
import type { Notices } from "./notices.ts"

export type Invitation = InviteList["invites"][number]

export interface NewInvitation {
  readonly expiresAt?: number
  readonly uses?: number
}

const key = "switchboard.invite"

/** Where a link leads to: the page, with the invitation in the part that no server is told. */
export const linkOf = (invite: string): string => new URL(`#invite=${invite}`, document.baseURI).href

/**
 * The invitation that the address has. It is kept for this tab until it is answered, as to sign in may lead away from the
 * page, and taken out of the address.
 */
export const takeInvite = (): string | undefined => {
  const found = /^#invite=([A-Za-z0-9_-]{1,64})$/.exec(location.hash)?.[1]
  if (found !== undefined) {
    sessionStorage.setItem(key, found)
    history.replaceState(null, "", location.pathname)
  }
  return sessionStorage.getItem(key) ?? undefined
}

export const dropInvite = (): void => sessionStorage.removeItem(key)

export const makeInvites = (client: SimpleClient, { attempt, notify, point }: Notices) => ({
  /** Owners and admins are told of reports. */
  stopReports: client.onEvent((event) => {
    if (event.type !== "message_reported") return
    const { conversation, reason, seq } = event
    point(words.groups.reportCame(reason), { conversation, seq })
  }),
  loadInvites: async (group: string): Promise<ReadonlyArray<Invitation> | undefined> =>
    (await attempt(client.invites(group)))?.invites,
  createInvite: (group: string, options: NewInvitation) => attempt(client.createInvite(group, options)),
  revokeInvite: async (invite: string): Promise<boolean> => (await attempt(client.revokeInvite(invite))) !== undefined,
  report: async (conversation: Conversation, seq: number, reason: string): Promise<boolean> => {
    const said = reason.trim()
    const done = await attempt(client.report(targetOf(conversation), seq, ...(said === "" ? [] : [said])))
    if (done !== undefined) notify(words.groups.reported)
    return done !== undefined
  }
})
