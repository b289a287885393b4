/** One signed-in user: the client's events go into the store, what the user does goes to the client. */
import { emptyConversation, pendingOf, targetOf } from "../state/conversations.ts"
import { lookUp } from "../state/lookUp.ts"
import { type Conversation, initial, type Pending } from "../state/model.ts"
import { makeStore, type Store } from "../state/store.ts"
import type { ChatEvent, SimpleClient } from "./client.ts"
import { type Groups, makeGroups } from "./groups.ts"
import { makeLoader } from "./loader.ts"
import { makeWatch } from "./watch.ts"

export interface Session extends Groups {
  readonly me: string
  readonly store: Store
  readonly open: (conversation: string | undefined) => void
  readonly send: (conversation: Conversation, text: string, replyTo?: number) => void
  readonly sendAgain: (pending: Pending) => void
  readonly discard: (pending: Pending) => void
  readonly edit: (conversation: Conversation, seq: number, text: string) => Promise<void>
  readonly remove: (conversation: Conversation, seq: number) => Promise<void>
  readonly react: (conversation: Conversation, seq: number, emoji: string, remove: boolean) => Promise<void>
  readonly typing: (conversation: Conversation, active: boolean) => void
  readonly markRead: (conversation: Conversation) => void
  readonly loadOlder: (conversation: string) => Promise<void>
  readonly loadUntil: (conversation: string, seq: number) => Promise<boolean>
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

const sentence = (error: unknown): string => error instanceof Error ? error.message : String(error)

export const startSession = (me: string, client: SimpleClient): Session => {
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
      notify(error)
      return undefined
    }
  }

  const loader = makeLoader(client, store)
  const watch = makeWatch(client, store)
  const quiet = new Map<string, ReturnType<typeof setTimeout>>()

  const onEvent = (event: ChatEvent) => {
    dispatch({ type: "event", event })
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
      void loader.group(group, conversation).then(() => watch.conversation(conversation))
    }
    if ("conversation" in event) watch.conversation(event.conversation)
  }

  for (const message of client.pending) dispatch({ type: "event", event: { type: "pending", message } })
  const stops = [
    client.onEvent(onEvent),
    client.onState((link) => {
      dispatch({ type: "link", link })
      if (link._tag === "Ready") void loader.refresh().then(watch.all)
    })
  ]

  const current = (id: string): Conversation => lookUp(store.state.conversations, id) ?? emptyConversation(id, me)

  /** An address may name anything, also what is between others. */
  const isOwn = (id: string): boolean =>
    lookUp(store.state.conversations, id) !== undefined || emptyConversation(id, me).with !== id

  const changed = (conversation: Conversation, accepted: { readonly seq: number; readonly at: number } | undefined) => {
    if (accepted === undefined) return undefined
    return { conversation: conversation.id, sender: me, seq: accepted.seq, at: accepted.at, message_id: "" }
  }

  const send = (conversation: Conversation, text: string, replyTo?: number) => {
    // What becomes of it is told by events.
    client.send(targetOf(conversation), text, replyTo === undefined ? {} : { replyTo }).catch(() => {})
  }

  return {
    me,
    store,
    ...makeGroups(client, store, attempt, loader.newer),
    open: (asked) => {
      const id = asked !== undefined && isOwn(asked) ? asked : undefined
      dispatch({ type: "opened", conversation: id, at: Date.now() })
      if (id === undefined) return
      watch.conversation(id)
      void loader.opened(current(id)).then(() => watch.conversation(id))
    },
    send,
    sendAgain: (pending) => {
      dispatch({ type: "discarded", id: pending.id })
      send(current(pendingOf(pending, me).conversation), pending.text, pending.replyTo)
    },
    discard: ({ id }) => dispatch({ type: "discarded", id }),
    edit: async (conversation, seq, text) => {
      const entry = changed(conversation, await attempt(client.edit(targetOf(conversation), seq, text)))
      if (entry !== undefined) {
        dispatch({ type: "event", event: { type: "message_edited", ...entry, target: seq, text } as ChatEvent })
      }
    },
    remove: async (conversation, seq) => {
      const entry = changed(conversation, await attempt(client.delete(targetOf(conversation), seq)))
      if (entry !== undefined) {
        dispatch({ type: "event", event: { type: "message_deleted", ...entry, target: seq } as ChatEvent })
      }
    },
    react: async (conversation, seq, emoji, remove) => {
      const answer = client.react(targetOf(conversation), seq, emoji, remove ? { remove } : {})
      const entry = changed(conversation, await attempt(answer))
      if (entry === undefined) return
      const frame = { type: "reaction", ...entry, target: seq, emoji, ...(remove ? { remove } : undefined) }
      dispatch({ type: "event", event: frame as ChatEvent })
    },
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
      void client.close()
    }
  }
}
