/** One signed-in user: the client's events go into the store, what the user does goes to the client. */
import { emptyConversation, pendingOf, targetOf } from "../state/conversations.ts"
import { lookUp } from "../state/lookUp.ts"
import { type Conversation, type Draft, initial, type Pending } from "../state/model.ts"
import { makeStore, type Store } from "../state/store.ts"
import { inWords } from "../text/problems.ts"
import { makeChanges } from "./changes.ts"
import { type ChatEvent, ClientError, type PendingMessage, type SimpleClient } from "./client.ts"
import { type Groups, makeGroups } from "./groups.ts"
import type { Kept } from "./kept.ts"
import { makeLoader } from "./loader.ts"
import { makeId } from "./makeId.ts"
import { makeWatch } from "./watch.ts"

export interface Session extends Groups {
  readonly me: string
  readonly store: Store
  readonly open: (conversation: string | undefined) => void
  /** False when there is nowhere to keep it; then it is still the writer's. */
  readonly send: (conversation: Conversation, text: string, replyTo?: number) => boolean
  readonly sendAgain: (pending: Pending) => void
  readonly discard: (pending: Pending) => void
  readonly edit: (conversation: Conversation, seq: number, text: string) => void
  readonly remove: (conversation: Conversation, seq: number) => void
  readonly react: (conversation: Conversation, seq: number, emoji: string, remove: boolean) => void
  readonly draftOf: (conversation: string) => Draft | undefined
  readonly keepDraft: (conversation: string, draft: Draft) => void
  readonly typing: (conversation: Conversation, active: boolean) => void
  readonly markRead: (conversation: Conversation) => void
  readonly loadOlder: (conversation: string) => Promise<void>
  readonly loadUntil: (conversation: string, seq: number) => Promise<boolean>
  /** The words that a reply answers, when they are not held. */
  readonly loadQuote: (conversation: string, seq: number) => void
  /** The next page of the list, and all of them. */
  readonly loadMore: () => Promise<void>
  readonly loadAll: () => Promise<void>
  /** The list shows these people. */
  readonly seen: (users: ReadonlyArray<string>) => void
  /** Connects now instead of later. */
  readonly wake: () => void
  /** A newer token takes the place of one that ends; rejects with what the server has against it. */
  readonly prolong: (token: string) => Promise<void>
  /** The server does not take the user's token any longer. */
  readonly outdated: () => void
  readonly dismiss: (notice: number) => void
  readonly close: () => void
}

/** How long “is typing” stays without another word, should the end of it get lost. */
const typingMillis = 7_000

/** The client is at its end: nothing that is asked of it now will be answered. */
const hasEnded = (error: unknown): boolean => error instanceof ClientError && error.reason !== "storage"

const sentence = (error: unknown): string => inWords(error instanceof Error ? error.message : String(error))

export const startSession = (me: string, client: SimpleClient, kept: Kept): Session => {
  const store = makeStore(initial(me), (callback) => {
    // A hidden tab draws no frames, but its title still counts.
    if (document.visibilityState === "hidden") setTimeout(callback, 50)
    else requestAnimationFrame(callback)
  })
  const { dispatch } = store
  let lastNotice = 0
  const notify = (error: unknown) => {
    const id = ++lastNotice
    dispatch({ type: "notice", id, text: sentence(error) })
    setTimeout(() => dispatch({ type: "dismissed", id }), 8_000)
  }
  /** What was refused is told to the user, and the rest goes on. */
  const attempt = async <A>(promise: Promise<A>): Promise<A | undefined> => {
    try {
      return await promise
    } catch (error) {
      notify(hasEnded(error) ? "You are not connected; connect again first." : error)
      return undefined
    }
  }

  const heed = (error: unknown) => {
    if (!hasEnded(error)) notify(error)
  }
  const unwanted = ({ at, conversation, failed, id, target, text }: Pending) => {
    const pending = { id, conversation, target, text, at, ...(failed === undefined ? undefined : { failed }) }
    kept.failed.put(id, pending)
    dispatch({ type: "unwanted", pending })
  }

  const loader = makeLoader(client, store, heed)
  const watch = makeWatch(client, store, heed)
  const quiet = new Map<string, ReturnType<typeof setTimeout>>()

  const onEvent = (event: ChatEvent) => {
    dispatch({ type: "event", event })
    if (event.type === "failed") {
      const failed = store.state.pending.find(({ id }) => id === event.message.id)
      if (failed !== undefined) kept.failed.put(failed.id, failed)
    }
    if (event.type === "typing" && event.active) {
      const { conversation, user } = event
      clearTimeout(quiet.get(`${conversation} ${user}`))
      quiet.set(
        `${conversation} ${user}`,
        setTimeout(() => dispatch({ type: "quiet", conversation, user }), typingMillis)
      )
    }
    if (event.type === "group_changed") {
      const { conversation, group } = event
      // Newcomers are watched too.
      void loader.group(group, conversation).then(watch.soon)
    }
    if ("conversation" in event && "at" in event && store.state.more) {
      if (lookUp(store.state.conversations, event.conversation)?.listed === undefined) loader.top(event.at)
    }
  }

  const changes = makeChanges({
    client,
    store,
    kept,
    onRefused: (change, error) => {
      // The words of an edit that cannot be made are their writer's again.
      if (change.kind === "edit") unwanted({ ...change, failed: sentence(error) })
      else notify(error)
    }
  })

  for (const message of client.pending) dispatch({ type: "event", event: { type: "pending", message } })
  for (const pending of kept.failed.all()) dispatch({ type: "unwanted", pending })
  changes.resume()
  const stops = [
    client.onEvent(onEvent),
    client.onState((link) => {
      dispatch({ type: "link", link })
      if (link._tag === "Ready") void loader.refresh().then(watch.soon)
    })
  ]

  const current = (id: string): Conversation => lookUp(store.state.conversations, id) ?? emptyConversation(id, me)

  /** An address may name anything, also what is between others. */
  const isOwn = (id: string): boolean =>
    lookUp(store.state.conversations, id) !== undefined || emptyConversation(id, me).with !== id

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

  const discard = ({ id }: Pending) => {
    kept.failed.remove(id)
    dispatch({ type: "discarded", id })
  }

  return {
    me,
    store,
    ...makeGroups(client, store, attempt, loader.newer),
    open: (asked) => {
      const id = asked !== undefined && isOwn(asked) ? asked : undefined
      dispatch({ type: "opened", conversation: id })
      if (id === undefined) return
      watch.soon()
      void loader.opened(current(id)).then(watch.soon)
    },
    send,
    sendAgain: (pending) => {
      if (send(current(pendingOf(pending, me).conversation), pending.text, pending.replyTo)) discard(pending)
    },
    discard,
    draftOf: (conversation) => kept.drafts.get(conversation),
    keepDraft: (conversation, draft) => {
      if (draft.text === "" && draft.editing === undefined && draft.replying === undefined) {
        kept.drafts.remove(conversation)
      } else kept.drafts.put(conversation, draft)
    },
    edit: (conversation, seq, text) => changes.make(conversation, seq, { kind: "edit", text }),
    remove: (conversation, seq) => changes.make(conversation, seq, { kind: "delete" }),
    react: (conversation, seq, emoji, remove) => changes.make(conversation, seq, { kind: "react", emoji, remove }),
    typing: (conversation, active) => {
      if (store.state.link._tag === "Ready") client.typing(targetOf(conversation), active)
    },
    markRead: ({ head, id, read, unread }) => {
      if (store.state.link._tag !== "Ready" || head === 0 || (read >= head && unread === 0)) return
      client.read(id, head)
      dispatch({ type: "read", conversation: id, upTo: head })
    },
    loadOlder: loader.older,
    loadUntil: loader.until,
    loadQuote: loader.quote,
    loadMore: loader.more,
    loadAll: loader.all,
    seen: watch.visible,
    wake: () => client.wake(),
    prolong: async (token) => {
      await client.refreshAuth(token)
      dispatch({ type: "access", access: { _tag: "Good" } })
    },
    outdated: () => dispatch({ type: "access", access: { _tag: "Ended" } }),
    dismiss: (id) => dispatch({ type: "dismissed", id }),
    close: () => {
      for (const stop of stops) stop()
      for (const timer of quiet.values()) clearTimeout(timer)
      watch.stop()
      void client.close()
    }
  }
}
