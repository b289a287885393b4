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

/** Whose device it is has to be known before the ticket, and a token does not say it to us; its own words will do. */
const hintOf = (identity: Identity): string => identity.kind === "name" ? identity.user : "token"

/** `onRefused` is called when the server no longer lets this identity in. */
export const enter = async (identity: Identity, onRefused: (why: string) => void): Promise<Entered> => {
  const device = await takeDevice(hintOf(identity))
  const ticketOf = () => fetchTicket(identity, device.id)
  try {
    const first = await ticketOf()
    // The first attempt has the ticket that was just made; each later one asks for its own.
    let unused: string | undefined = first.ticket
    const ticket = async () => {
      const kept = unused
      unused = undefined
      if (kept !== undefined) return kept
      try {
        return (await ticketOf()).ticket
      } catch (error) {
        if (error instanceof SignInError && error.final) onRefused(error.message)
        throw error
      }
    }
    const client = connect({
      url: socketUrl(),
      device: device.id,
      outboxKey: `switchboard.outbox.${first.user}`,
      ticket
    })
    const session = startSession(first.user, client)
    return {
      identity,
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
