/** What the user says: it is kept until the server has it, whatever becomes of the connection. */
import type { PendingMessage, SentFile, SimpleClient } from "../../client/index.ts"
import { emptyConversation, targetOf } from "../state/conversations.ts"
import { mentionsIn } from "../state/mentions.ts"
import type { Conversation, Pending } from "../state/model.ts"
import { namesOf } from "../state/names.ts"
import type { Store } from "../state/store.ts"
import { words } from "../words/index.ts"
import type { Kept } from "./kept.ts"
import { makeId } from "./makeId.ts"
import { hasEnded, type Notices } from "./notices.ts"
import { type Left, makeUploads } from "./uploads.ts"

/** What a message is beside its conversation. */
interface Said {
  readonly text: string
  readonly replyTo?: number | undefined
  readonly attachments?: ReadonlyArray<SentFile> | undefined
  readonly mentions?: ReadonlyArray<string> | undefined
}

const partsOf = ({ attachments, mentions, replyTo }: Said) => ({
  ...(replyTo === undefined ? undefined : { replyTo }),
  ...(mentions === undefined || mentions.length === 0 ? undefined : { mentions }),
  ...(attachments === undefined || attachments.length === 0 ? undefined : { attachments })
})

interface Options {
  readonly client: SimpleClient
  readonly store: Store
  readonly kept: Kept
  readonly notices: Notices
  readonly left: Left | undefined
}

export const makeOutgoing = ({ client, kept, left, notices, store }: Options) => {
  const { dispatch } = store
  const { notify } = notices

  /** The connection has ended for good: the message waits for the next session of this user. */
  const park = (message: PendingMessage): boolean => {
    try {
      void kept.outbox.put(message)
    } catch {
      notify(words.pending.noRoom)
      return false
    }
    dispatch({ type: "event", event: { type: "pending", message } })
    return true
  }

  const conversationOf = ({ conversation }: Pending): Conversation =>
    store.conversation(conversation) ?? emptyConversation(conversation, store.state.me)

  /** False when there is nowhere to keep it; then it is still the writer's. */
  const sendAs = (id: string, conversation: Conversation, said: Said): boolean => {
    const target = targetOf(conversation)
    const { text } = said
    const parked = () => park({ id, target, text, at: Date.now(), ...partsOf(said) })
    if (store.state.link._tag === "Closed") return parked()
    client.send(target, text, { id, ...partsOf(said) }).catch((error: unknown) => {
      // Whatever else becomes of it is told by events.
      if (hasEnded(error) && !store.state.pending.some((each) => each.id === id && each.uploading !== true)) parked()
    })
    return true
  }
  /** Those who are called in it, as they are called now. */
  const meant = ({ info }: Conversation, text: string): ReadonlyArray<string> =>
    mentionsIn(text, info, namesOf(store.state), store.state.me)

  const send = (conversation: Conversation, text: string, replyTo?: number): boolean =>
    sendAs(makeId(), conversation, { text, replyTo, mentions: meant(conversation, text) })

  /** A message that the server does not want. */
  const discard = ({ id }: Pending) => {
    kept.failed.remove(id)
    kept.waiting.remove(id)
    dispatch({ type: "discarded", id })
  }

  const uploads = makeUploads({
    client,
    store,
    notices,
    left,
    onComplete: (pending) => {
      const attachments = uploads.named(pending.id)
      if (sendAs(pending.id, conversationOf(pending), { ...pending, attachments })) kept.waiting.remove(pending.id)
    },
    onEmpty: (pending) => discard(pending)
  })

  /** Says it with the files in the tray: at once, or when all of them are there. */
  const sendFiles = (conversation: Conversation, text: string, replyTo?: number): boolean => {
    const pending: Pending = {
      id: makeId(),
      conversation: conversation.id,
      target: targetOf(conversation),
      text,
      at: Date.now(),
      uploading: true,
      ...partsOf({ text, replyTo, mentions: meant(conversation, text) })
    }
    // Files stay with the page, and what was written beside them does not.
    kept.waiting.put(pending.id, { ...pending, failed: words.pending.cutShort })
    dispatch({ type: "sealed", pending })
    uploads.complete(pending.id)
    return true
  }

  return {
    send,
    sendFiles,
    uploads,
    discard: (pending: Pending) => {
      uploads.drop(pending.id)
      discard(pending)
    },
    sendAgain: (pending: Pending) => {
      const conversation = conversationOf(pending)
      // Somebody who was meant may have left.
      const said = { ...pending, mentions: meant(conversation, pending.text) }
      if (sendAs(makeId(), conversation, said)) discard(pending)
    }
  }
}
