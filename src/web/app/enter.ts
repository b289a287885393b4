/** Signs in: a device for this tab, a ticket to learn who one is, and then the session. */
import { connect } from "./adapter.ts"
import { fetchTicket, type Identity, SignInError } from "./auth.ts"
import { takeDevice } from "./device.ts"
import { type Session, startSession } from "./session.ts"

export interface Entered {
  readonly identity: Identity
  readonly session: Session
  readonly leave: () => void
}

const socketUrl = (): string => `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`

/**
 * Somebody new shows a ticket first, so that a wrong name or token is told at once. Somebody who was here before comes
 * in as they are, also while the server cannot be reached. `onRefused` is called when it lets them in no longer.
 */
export const enter = async (
  known: Identity,
  isNew: boolean,
  onRefused: (why: string) => void
): Promise<Entered> => {
  // The device of a token whose user is not known yet; a ticket names a device.
  const device = await takeDevice(known.user ?? "token")
  try {
    let unused = isNew || known.user === undefined ? await fetchTicket(known, device.id) : undefined
    const user = unused?.user ?? known.user!
    const ticket = async () => {
      // The first attempt has the ticket that was just made; each later one asks for its own.
      const made = unused
      unused = undefined
      try {
        return (made ?? await fetchTicket(known, device.id)).ticket
      } catch (error) {
        if (error instanceof SignInError && error.permanent) onRefused(error.message)
        throw error
      }
    }
    const client = connect({
      url: socketUrl(),
      device: device.id,
      outboxKey: `switchboard.outbox.${user}.${device.id}`,
      ticket
    })
    const session = startSession(user, client)
    return {
      identity: { ...known, user },
      session,
      leave: () => {
        session.close()
        device.release()
      }
    }
  } catch (error) {
    device.release()
    throw error
  }
}
