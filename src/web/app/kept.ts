/** All that is kept of what one user wrote here until somebody else has it. */
import { localStorageOutbox } from "../../client/index.ts"
import { toPart } from "../../domain/userIds.ts"
import type { Change, Draft, Pending } from "../state/model.ts"
import { makeShelf } from "./shelf.ts"

const has = <K extends string>(u: unknown, ...keys: ReadonlyArray<K>): u is Record<K, unknown> =>
  typeof u === "object" && u !== null && keys.every((key) => key in u)

const isDraft = (u: unknown): u is Draft => has(u, "text") && typeof u.text === "string"
const isChange = (u: unknown): u is Change =>
  has(u, "id", "kind", "conversation", "target", "seq", "at") && typeof u.id === "string" && typeof u.seq === "number"
const isFailed = (u: unknown): u is Pending =>
  has(u, "id", "text", "target", "conversation", "failed") && typeof u.text === "string"

/** `user` as one of the parts of a key, which have `:` between them. */
const keptAs = (user: string) => ({
  /** Messages that have no answer yet; the client's own, which the next one takes over. */
  outbox: localStorageOutbox(`switchboard.outbox.${user}`),
  /** By conversation. */
  drafts: makeShelf(`switchboard.draft.${user}`, isDraft),
  /** Edits, deletes and reactions that have no answer yet, by id. */
  changes: makeShelf(`switchboard.change.${user}`, isChange),
  /** Messages that wait for their files, by id: of this tab, as the files are. */
  waiting: makeShelf(`switchboard.waiting.${user}`, isFailed, sessionStorage),
  /** Messages that the server does not want, by id, until their writer has seen why. */
  failed: makeShelf(`switchboard.failed.${user}`, isFailed)
})

export const keptOf = (user: string) => keptAs(toPart(user))

export type Kept = ReturnType<typeof keptOf>
