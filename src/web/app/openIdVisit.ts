/** To the provider and back. What speaks to it is loaded when somebody goes there. */
import { fetchInfo, type Identity, type ServerInfo } from "./auth.ts"
import { endOf, granted, keepGranted } from "./openId.ts"

/** Leaves the page; asks the server first, which may have learned the provider's addresses since. */
export const goToProvider = async (): Promise<void> => {
  const { oidc } = await fetchInfo()
  if (oidc !== undefined) await (await import("./openIdFlow.ts")).begin(oidc)
}

/** Back from there. Nobody, where the server sends nobody there any more. */
export const comeBack = async ({ oidc }: ServerInfo): Promise<Identity | undefined> => {
  if (oidc === undefined) return undefined
  const next = await (await import("./openIdFlow.ts")).finish(oidc)
  keepGranted(next)
  return { kind: "token", token: next.token }
}

/** What the server says of the provider now counts for what was granted before. */
export const learn = ({ oidc }: ServerInfo): void => {
  const last = granted()
  if (last !== undefined && oidc !== undefined) keepGranted({ ...last, openId: { ...last.openId, ...oidc } })
}

/** Out of the provider too, so that the next one here is asked who they are; `forget` comes between. */
export const leaveProvider = (forget: () => void): void => {
  const last = granted()
  forget()
  const there = last === undefined ? undefined : endOf(last)
  if (there !== undefined) location.assign(there)
}
