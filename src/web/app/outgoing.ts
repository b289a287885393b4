/** What the user says: it is kept until the server has it, whatever becomes of the connection. */
import type { PendingMessage, SimpleClient } from "../../client/index.ts"
import { emptyConversation, pendingOf, targetOf } from "../state/conversations.ts"
import type { Conversation, Pending } from "../state/model.ts"
import type { Store } from "../state/store.ts"
import type { Kept } from "./kept.ts"
import { makeId } from "./makeId.ts"
import { hasEnded, type Notices } from "./notices.ts"

export const makeOutgoing = (client: SimpleClient, store: Store, kept: Kept, { notify }: Notices) => {
  const { dispatch } = store

  /** The connection has ended for good: the message waits for the next session of this user. */
  const park = (message: PendingMessage): boolean => {
    try {
      void kept.outbox.put(message)
    } catch {
      notify("There is no room in this browser to keep the message; connect again to send it.")
      return false
    }
    dispatch({ type: "event", event: { type: "pending", message } })
    return true
  }

  /** False when there is nowhere to keep it; then it is still the writer's. */
  const send = (conversation: Conversation, text: string, replyTo?: number): boolean => {
    const id = makeId()
    const target = targetOf(conversation)
    const more = replyTo === undefined ? undefined : { replyTo }
    const parked = () => park({ id, target, text, at: Date.now(), ...more })
    if (store.state.link._tag === "Closed") return parked()
    client.send(target, text, { id, ...more }).catch((error: unknown) => {
      // Whatever else becomes of it is told by events.
      if (hasEnded(error) && !store.state.pending.some((each) => each.id === id)) parked()
    })
    return true
  }

  /** A message that the server does not want. */
  const discard = ({ id }: Pending) => {
    kept.failed.remove(id)
    dispatch({ type: "discarded", id })
  }

  return {
    send,
    discard,
    sendAgain: (pending: Pending) => {
      const { me } = store.state
      const { conversation } = pendingOf(pending, me)
      const to = store.conversation(conversation) ?? emptyConversation(conversation, me)
      if (send(to, pending.text, pending.replyTo)) discard(pending)
    }
  }
}
