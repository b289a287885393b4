/** Signs in: a ticket to learn who one is, and then the session. */
import { fetchTicket, type Identity, SignInError } from "./auth.ts"
import { connect, localStorageOutbox } from "./client.ts"
import { type Session, startSession } from "./session.ts"

export interface Entered {
  readonly identity: Identity
  readonly session: Session
}

const socketUrl = (): string => `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`

/**
 * Somebody new shows a ticket first, so that a wrong name or token is told at once. Somebody who was here before comes
 * in as they are, also while the server cannot be reached. `onRefused` is called when it lets them in no longer.
 *
 * A tab has no device of its own: the server would send a new device all that was ever said, and a tab asks for what
 * it shows. Tabs also share what waits to be sent; two that send the same message send it once, by its id.
 */
export const enter = async (
  known: Identity,
  isNew: boolean,
  onRefused: (why: string) => void
): Promise<Entered> => {
  let unused = isNew || known.user === undefined ? await fetchTicket(known) : undefined
  const user = unused?.user ?? known.user!
  const ticket = async () => {
    // The first attempt has the ticket that was just made; each later one asks for its own.
    const made = unused
    unused = undefined
    try {
      return (made ?? await fetchTicket(known)).ticket
    } catch (error) {
      if (error instanceof SignInError && error.permanent) onRefused(error.message)
      throw error
    }
  }
  const client = connect({
    url: socketUrl(),
    credentials: { _tag: "Ticket", ticket },
    outbox: localStorageOutbox(`switchboard.outbox.${user}`)
  })
  return { identity: { ...known, user }, session: startSession(user, client) }
}
