/** One signed-in user: the client's events go into the store, what the user does goes to the client. */
import type { SimpleClient } from "../../client/index.ts"
import { emptyConversation, targetOf } from "../state/conversations.ts"
import { type Conversation, type Draft, initial, type Pending } from "../state/model.ts"
import { makeStore, type Store } from "../state/store.ts"
import { sentenceOf } from "../text/problems.ts"
import type { Attention } from "./attention.ts"
import { makeChanges } from "./changes.ts"
import { makeFinds } from "./finds.ts"
import { makeGroups } from "./groups.ts"
import { follow } from "./incoming.ts"
import { makeInvites } from "./invites.ts"
import type { Kept } from "./kept.ts"
import { type Loader, makeLoader } from "./loader.ts"
import { makeNotices } from "./notices.ts"
import { makeOutgoing } from "./outgoing.ts"
import { makePeople } from "./people.ts"
import { makeTelling } from "./telling.ts"
import type { Left } from "./uploads.ts"
import { makeWatch } from "./watch.ts"
import { makeWishes } from "./wishes.ts"

/** A hidden tab draws no frames, but its title still counts. */
const nextFrame = (callback: () => void) => {
  if (document.visibilityState === "hidden") setTimeout(callback, 50)
  else requestAnimationFrame(callback)
}

/** What views ask for of the log and the list. */
const loading = (loader: Loader) => ({
  loadOlder: loader.older,
  loadUntil: loader.until,
  loadNewer: loader.newer,
  loadPlace: loader.place,
  loadLatest: loader.latest,
  renew: loader.renew,
  loadQuote: loader.quote,
  loadMore: loader.more,
  loadAll: loader.all
})

/** What waited for its files on a page that is gone waits in vain; what this page still has goes on. */
const giveUpWaiting = (kept: Kept, left: Left | undefined) => {
  for (const { uploading: _, ...pending } of kept.waiting.all()) {
    if (left?.pending.some(({ id }) => id === pending.id) === true) continue
    kept.waiting.remove(pending.id)
    kept.failed.put(pending.id, pending)
  }
}

/** What is being written, kept for the next time. */
const drafting = (kept: Kept) => ({
  draftOf: (conversation: string): Draft | undefined => kept.drafts.get(conversation),
  keepDraft: (conversation: string, draft: Draft) => {
    if (draft.text === "" && draft.editing === undefined && draft.replying === undefined) {
      kept.drafts.remove(conversation)
    } else kept.drafts.put(conversation, draft)
  }
})

/** What the others hear of somebody who writes and reads. */
const attending = (client: SimpleClient, store: Store, attention: Attention) => ({
  typing: (conversation: Conversation, active: boolean) => {
    attention.typing(active)
    if (store.isReady()) client.typing(targetOf(conversation), active)
  },
  markRead: ({ head, id, past, read, recalled, unread, wishes }: Conversation) => {
    const news = unread > 0 || wishes.markedUnread === true
    if (!store.isReady() || head === 0 || past === true || recalled === true || (read >= head && !news)) return
    client.read(id, head)
    attention.read(id, head)
    store.dispatch({ type: "read", conversation: id, upTo: head })
  }
})

export const startSession = (me: string, client: SimpleClient, kept: Kept, left?: Left) => {
  const store = makeStore(initial(me), nextFrame)
  const { dispatch } = store
  const notices = makeNotices(store)
  const loader = makeLoader(client, store, notices.heed)
  const watch = makeWatch(client, store, notices.heed)
  const { stopPeople, ...people } = makePeople(client, store, notices)
  const { stopReports, ...invites } = makeInvites(client, notices)

  const telling = makeTelling(me, client, store, loader)
  const { attention } = telling

  const { uploads, ...outgoing } = makeOutgoing({ client, store, kept, notices, left })
  const { stop: stopFinding, ...finds } = makeFinds(client, store, ({ hits }) => loader.named(hits))
  const { connected, resume, stop: stopUploads, add, cancel, retry, ownPicture } = uploads

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
  giveUpWaiting(kept, left)
  for (const pending of kept.failed.all()) dispatch({ type: "unwanted", pending })
  resume()
  changes.resume()
  const stopFollowing = follow({
    client,
    store,
    kept,
    loader,
    watch,
    onWelcome: (welcome) => {
      connected(welcome.limits.file_bytes)
      telling.onWelcome(welcome)
    },
    onHeard: telling.onHeard
  })

  /** An address may name anything, also what is between others. */
  const isOwn = (id: string): boolean => store.conversation(id) !== undefined || emptyConversation(id, me).with !== id

  return {
    me,
    store,
    ...makeGroups(client, store, notices, loader.newer),
    ...people,
    ...makeWishes(client, store, notices),
    ...invites,
    ...outgoing,
    ...finds,
    addFiles: add,
    cancelUpload: cancel,
    retryUpload: retry,
    /** The picture itself, where it went up from here. */
    ownPicture,
    /** Its newest, or what stands around a place in it. */
    open: (asked: string | undefined, at?: number) => {
      const id = asked !== undefined && isOwn(asked) ? asked : undefined
      const before = store.state.open
      dispatch({ type: "opened", conversation: id })
      if (id === undefined) return
      watch.soon()
      // Whoever comes back to a conversation comes to where the others are.
      const ready = at === undefined && id !== before ? loader.latest(id) : Promise.resolve()
      void ready.then(() => loader.opened(id, at)).then(watch.soon)
    },
    change: changes.make,
    ...drafting(kept),
    ...attending(client, store, attention),
    ...loading(loader),
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
    outdated: () => {
      telling.outdated()
      dispatch({ type: "access", access: { _tag: "Ended" } })
    },
    /** How the user is told of messages. */
    attention,
    /** Leaves nothing of the user behind: before `close`, when somebody signs out. */
    forget: telling.forget,
    dismiss: (id: number) => dispatch({ type: "dismissed", id }),
    /** Answers what the next session of this user goes on with. */
    close: (): Left => {
      stopFollowing()
      stopFinding()
      watch.stop()
      telling.stop()
      stopPeople()
      stopReports()
      const left = stopUploads()
      const leaving = telling.leaving()
      if (leaving === undefined) void client.close()
      else void leaving.then(() => client.close())
      return left
    }
  }
}

export type Session = ReturnType<typeof startSession>
