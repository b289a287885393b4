/** Edits, deletes and reactions: seen at once, kept until they are answered, and made once, whatever happens between. */
import { targetOf } from "../state/conversations.ts"
import type { Change, Conversation } from "../state/model.ts"
import type { Store } from "../state/store.ts"
import { ChatError, type ChatEvent, type MessageAccepted, type SimpleClient } from "./client.ts"
import type { Kept } from "./kept.ts"
import { makeId } from "./makeId.ts"

type Wish =
  | { readonly kind: "edit"; readonly text: string }
  | { readonly kind: "delete" }
  | { readonly kind: "react"; readonly emoji: string; readonly remove: boolean }

interface Options {
  readonly client: SimpleClient
  readonly store: Store
  readonly kept: Kept
  readonly onRefused: (change: Change, error: unknown) => void
}

/** What the server would have pushed, had somebody else done it. */
const eventOf = (change: Change, me: string, { at, conversation, message_id, seq }: MessageAccepted): ChatEvent => {
  const entry = { conversation, sender: me, seq, at, message_id, target: change.seq }
  switch (change.kind) {
    case "edit":
      return { type: "message_edited", ...entry, text: change.text } as ChatEvent
    case "delete":
      return { type: "message_deleted", ...entry } as ChatEvent
    case "react":
      return {
        type: "reaction",
        ...entry,
        emoji: change.emoji,
        ...(change.remove ? { remove: true } : undefined)
      } as ChatEvent
  }
}

export const makeChanges = ({ client, kept, onRefused, store }: Options) => {
  const ask = (change: Change): Promise<MessageAccepted> => {
    const { id, seq, target } = change
    switch (change.kind) {
      case "edit":
        return client.edit(target, seq, change.text, { id })
      case "delete":
        return client.delete(target, seq, { id })
      case "react":
        return client.react(target, seq, change.emoji, { id, ...(change.remove ? { remove: true } : undefined) })
    }
  }
  const settle = (change: Change) => {
    kept.changes.remove(change.id)
    store.dispatch({ type: "changed", id: change.id })
  }
  const run = (change: Change) =>
    ask(change).then(
      (accepted) => {
        store.dispatch({ type: "event", event: eventOf(change, store.state.me, accepted) })
        settle(change)
      },
      (error: unknown) => {
        // Without a connection for good it waits for the next session of this user.
        if (!(error instanceof ChatError)) return
        settle(change)
        onRefused(change, error)
      }
    )
  const begin = (change: Change) => {
    store.dispatch({ type: "changing", change })
    void run(change)
  }
  return {
    /** What an earlier session left. */
    resume: () => [...kept.changes.all()].sort((a, b) => a.at - b.at).forEach(begin),
    make: (conversation: Conversation, seq: number, wish: Wish) => {
      const { id } = conversation
      const change: Change = {
        ...wish,
        id: makeId(),
        conversation: id,
        target: targetOf(conversation),
        seq,
        at: Date.now()
      }
      kept.changes.put(change.id, change)
      begin(change)
    }
  }
}
