/** Edits, deletes and reactions: seen at once, kept until they are answered, and made once, whatever happens between. */
import { ChatError, type Entry, type MessageAccepted, type SimpleClient } from "../../client/index.ts"
import type { UserId } from "../../domain/Ids.ts"
import { targetOf } from "../state/conversations.ts"
import type { Change, Conversation, Wish } from "../state/model.ts"
import type { Store } from "../state/store.ts"
import type { Kept } from "./kept.ts"
import { makeId } from "./makeId.ts"

interface Options {
  readonly client: SimpleClient
  readonly store: Store
  readonly kept: Kept
  readonly onRefused: (change: Change, error: unknown) => void
}

const taken = ({ remove }: { readonly remove: boolean }) => remove ? { remove } as const : undefined

const entryOf = (change: Change, me: string, { at, message_id, seq }: MessageAccepted): Entry => {
  const common = { seq, at, message_id, sender: me as UserId, target: change.seq }
  switch (change.kind) {
    case "edit":
      return { kind: "edit", ...common, text: change.text }
    case "delete":
      return { kind: "delete", ...common }
    case "react":
      return { kind: "reaction", ...common, emoji: change.emoji, ...taken(change) }
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
        return client.react(target, seq, change.emoji, { id, ...taken(change) })
    }
  }
  const settle = (change: Change) => {
    kept.changes.remove(change.id)
    store.dispatch({ type: "changed", id: change.id })
  }
  const begin = (change: Change) => {
    store.dispatch({ type: "changing", change })
    ask(change).then(
      (accepted) => {
        const entry = entryOf(change, store.state.me, accepted)
        store.dispatch({ type: "entry", conversation: accepted.conversation, entry })
        settle(change)
      },
      (error: unknown) => {
        // Without a connection for good it waits for the next session of this user.
        if (!(error instanceof ChatError)) return
        settle(change)
        onRefused(change, error)
      }
    )
  }
  return {
    /** What an earlier session left. */
    resume: () => [...kept.changes.all()].sort((a, b) => a.at - b.at).forEach(begin),
    make: (conversation: Conversation, seq: number, wish: Wish) => {
      const { id } = conversation
      const change = { ...wish, id: makeId(), conversation: id, target: targetOf(conversation), seq, at: Date.now() }
      kept.changes.put(change.id, change)
      begin(change)
    }
  }
}
