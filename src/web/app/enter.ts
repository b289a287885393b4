/** Signs in: a ticket to learn who one is, and then the session. */
import { connect } from "../../client/index.ts"
import { words } from "../words/index.ts"
import { fetchTicket, type Identity, remember, SignInError } from "./auth.ts"
import { keptOf } from "./kept.ts"
import { type Session, startSession } from "./session.ts"
import type { Left } from "./uploads.ts"

export interface Entered {
  readonly identity: () => Identity
  readonly session: Session
  /** Goes on with a newer token of the same user; rejects with what is wrong with it. */
  readonly prolong: (token: string) => Promise<void>
}

/** Beside the page, wherever that is. */
const socketUrl = (): string => new URL("ws", document.baseURI).href.replace(/^http/, "ws")

/**
 * Somebody new shows a ticket first, so that a wrong name or token is told at once. Somebody who was here before comes
 * in as they are, also while the server cannot be reached. `onRefused` is called when it lets them in no longer; who
 * only needs a newer token stays where they are and is asked for one, which has to be of the `expected` user. `takeOver` ends
 * the session before, if there is one, and answers what it leaves.
 *
 * A tab has no device of its own: the server would send a new device all that was ever said, and a tab asks for what
 * it shows. Tabs also share what waits to be sent; two that send the same message send it once, by its id.
 */
export const enter = async (
  shown: Identity,
  isNew: boolean,
  onRefused: (why: string) => void,
  expected?: string,
  takeOver?: () => Left | undefined
): Promise<Entered> => {
  let unused = isNew || shown.user === undefined ? await fetchTicket(shown) : undefined
  const user = unused?.user ?? shown.user!
  if (expected !== undefined && user !== expected) {
    throw new SignInError(words.access.otherUser(user))
  }
  let identity: Identity = { ...shown, user }
  remember(identity)
  const ticket = async () => {
    // The first attempt has the ticket that was just made; each later one asks for its own.
    const made = unused
    unused = undefined
    try {
      return (made ?? await fetchTicket(identity)).ticket
    } catch (error) {
      if (error instanceof SignInError && error.stale && identity.kind === "token") session.outdated()
      else if (error instanceof SignInError && error.permanent) onRefused(error.message)
      throw error
    }
  }
  const kept = keptOf(user)
  const client = connect({
    url: socketUrl(),
    credentials: { _tag: "Ticket", ticket },
    outbox: kept.outbox,
    readsList: true
  })
  const left = takeOver?.()
  const session = startSession(user, client, kept, left?.me === user ? left : undefined)
  return {
    session,
    identity: () => identity,
    prolong: async (token) => {
      await session.prolong(token)
      identity = { kind: "token", token, user }
      remember(identity)
    }
  }
}
