/** One signed-in user: the client's events go into the store, what the user does goes to the client. */
import type { SimpleClient } from "../../client/index.ts"
import { emptyConversation, targetOf } from "../state/conversations.ts"
import { type Conversation, type Draft, initial, type Pending } from "../state/model.ts"
import { makeStore } from "../state/store.ts"
import { sentenceOf } from "../text/problems.ts"
import { makeChanges } from "./changes.ts"
import { makeGroups } from "./groups.ts"
import { follow } from "./incoming.ts"
import type { Kept } from "./kept.ts"
import { makeLoader } from "./loader.ts"
import { makeNotices } from "./notices.ts"
import { makeOutgoing } from "./outgoing.ts"
import { makeWatch } from "./watch.ts"

/** A hidden tab draws no frames, but its title still counts. */
const nextFrame = (callback: () => void) => {
  if (document.visibilityState === "hidden") setTimeout(callback, 50)
  else requestAnimationFrame(callback)
}

export const startSession = (me: string, client: SimpleClient, kept: Kept) => {
  const store = makeStore(initial(me), nextFrame)
  const { dispatch } = store
  const notices = makeNotices(store)
  const loader = makeLoader(client, store, notices.heed)
  const watch = makeWatch(client, store, notices.heed)

  const unwanted = ({ at, conversation, id, target, text }: Omit<Pending, "failed">, failed: string) => {
    const pending = { id, conversation, target, text, at, failed }
    kept.failed.put(id, pending)
    dispatch({ type: "unwanted", pending })
  }
  const changes = makeChanges({
    client,
    store,
    kept,
    onRefused: (change, error) => {
      // The words of an edit that cannot be made are their writer's again.
      if (change.kind === "edit") unwanted(change, sentenceOf(error))
      else notices.notify(error)
    }
  })
  for (const message of client.pending) dispatch({ type: "event", event: { type: "pending", message } })
  for (const pending of kept.failed.all()) dispatch({ type: "unwanted", pending })
  changes.resume()
  const stopFollowing = follow(client, store, kept, loader, watch)

  /** An address may name anything, also what is between others. */
  const isOwn = (id: string): boolean => store.conversation(id) !== undefined || emptyConversation(id, me).with !== id

  return {
    me,
    store,
    ...makeGroups(client, store, notices, loader.newer),
    ...makeOutgoing(client, store, kept, notices),
    open: (asked: string | undefined) => {
      const id = asked !== undefined && isOwn(asked) ? asked : undefined
      dispatch({ type: "opened", conversation: id })
      if (id === undefined) return
      watch.soon()
      void loader.opened(id).then(watch.soon)
    },
    change: changes.make,
    draftOf: (conversation: string): Draft | undefined => kept.drafts.get(conversation),
    keepDraft: (conversation: string, draft: Draft) => {
      if (draft.text === "" && draft.editing === undefined && draft.replying === undefined) {
        kept.drafts.remove(conversation)
      } else kept.drafts.put(conversation, draft)
    },
    typing: (conversation: Conversation, active: boolean) => {
      if (store.isReady()) client.typing(targetOf(conversation), active)
    },
    markRead: ({ head, id, read, unread }: Conversation) => {
      if (!store.isReady() || head === 0 || (read >= head && unread === 0)) return
      client.read(id, head)
      dispatch({ type: "read", conversation: id, upTo: head })
    },
    loadOlder: loader.older,
    loadUntil: loader.until,
    loadQuote: loader.quote,
    loadMore: loader.more,
    loadAll: loader.all,
    /** The list shows these people. */
    seen: watch.visible,
    /** Connects now instead of later. */
    wake: () => client.wake(),
    /** A newer token takes the place of one that ends; rejects with what the server has against it. */
    prolong: async (token: string) => {
      await client.refreshAuth(token)
      dispatch({ type: "access", access: { _tag: "Good" } })
    },
    /** The server does not take the user's token any longer. */
    outdated: () => dispatch({ type: "access", access: { _tag: "Ended" } }),
    dismiss: (id: number) => dispatch({ type: "dismissed", id }),
    close: () => {
      stopFollowing()
      watch.stop()
      void client.close()
    }
  }
}

export type Session = ReturnType<typeof startSession>
