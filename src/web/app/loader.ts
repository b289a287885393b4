/** What has to be asked for: the list, the last page of each conversation, older pages, who is in a group. */
import { targetOf } from "../state/conversations.ts"
import { itemOf } from "../state/log.ts"
import { lookUp } from "../state/lookUp.ts"
import type { Conversation } from "../state/model.ts"
import type { Store } from "../state/store.ts"
import type { ConversationList, SimpleClient } from "./client.ts"

const pageSize = 60
const listSize = 100
/** Of those in which something was said that are not in the list yet. */
const topSize = 20
const maxPagesBack = 100

/** `heed` shows what went wrong, unless it is that the connection has ended, which the page says anyway. */
export const makeLoader = (client: SimpleClient, store: Store, heed: (error: unknown) => void) => {
  const { dispatch } = store
  const busy = new Map<string, Promise<void>>()

  const page = async (conversation: Conversation, before: number) => {
    dispatch({
      type: "page",
      page: await client.history(targetOf(conversation), { before, limit: pageSize })
    })
  }

  /** What is or was asked for; one at a time, and only for what is drawn. */
  const quotes = new Set<string>()
  let quoting: Promise<void> = Promise.resolve()

  /** One request for a conversation at a time: two for the same page would be one too many. */
  const once = (id: string, run: () => Promise<void>): Promise<void> => {
    const running = busy.get(id)
    if (running !== undefined) return running
    dispatch({ type: "loading", conversation: id, loading: true })
    const started = run().catch(heed).finally(() => {
      busy.delete(id)
      dispatch({ type: "loading", conversation: id, loading: false })
    })
    busy.set(id, started)
    return started
  }

  const tail = (id: string) =>
    once(id, async () => {
      const conversation = lookUp(store.state.conversations, id)
      if (conversation !== undefined) await page(conversation, Number.MAX_SAFE_INTEGER)
    })

  const older = (id: string) => {
    const conversation = lookUp(store.state.conversations, id)
    return conversation === undefined || !conversation.hasMore
      ? Promise.resolve()
      : once(id, () => page(conversation, conversation.low === 0 ? Number.MAX_SAFE_INTEGER : conversation.low))
  }

  const newer = async (id: string) => {
    const conversation = lookUp(store.state.conversations, id)
    if (conversation === undefined || conversation.high >= conversation.head) return
    if (conversation.high === 0) return tail(id)
    return once(id, async () => {
      const { high } = conversation
      dispatch({ type: "page", page: await client.history(targetOf(conversation), { after: high, limit: pageSize }) })
    })
  }

  const group = async (name: string, id: string) => {
    try {
      dispatch({ type: "group", info: await client.groupInfo(name) })
    } catch (error) {
      // Who is no longer a member keeps what is known; the log says how it ended.
      if (lookUp(store.state.conversations, id)?.info === undefined) heed(error)
    }
  }

  /** Where the next page of the list begins. */
  let cursor: string | undefined
  /** Of the last one before it, when something was last said there. */
  let reached = Infinity
  let listing: Promise<void> | undefined
  let asked = false

  const listed = ({ conversations, cursor: next }: ConversationList) => {
    cursor = next
    reached = conversations.at(-1)?.last_at ?? reached
    dispatch({ type: "listed", conversations, more: cursor !== undefined })
  }

  /** The next page of the list; two that ask at once ask once. */
  const more = (): Promise<void> => {
    if (listing !== undefined) return listing
    if (cursor === undefined || store.state.link._tag !== "Ready") return Promise.resolve()
    const from = cursor
    return listing = client.conversations({ order: "recent", limit: listSize, cursor: from }).then((found) => {
      // Another connection may have begun from the top.
      if (cursor !== from) return
      listed(found)
    }).catch(heed).finally(() => {
      listing = undefined
    })
  }

  /** All of it, for whoever searches. */
  const all = async (): Promise<void> => {
    const before = cursor
    await more()
    if (cursor !== undefined && cursor !== before) await all()
  }

  /** Something was said, at that time, in one that the list has not told of: it is among the latest, or comes later. */
  const top = (at: number) => {
    if (asked || at < reached) return
    asked = true
    setTimeout(() => {
      client.conversations({ order: "recent", limit: topSize })
        .then(({ conversations }) => dispatch({ type: "listed", conversations }), heed)
        .finally(() => {
          asked = false
        })
    }, 300)
  }

  const opened = async (conversation: Conversation) => {
    // Nothing is known before the list is there; then this is asked again.
    if (store.state.link._tag !== "Ready" || !store.state.listed) return
    const unlisted = conversation.listed === undefined && store.state.more
    if (conversation.high < conversation.head || (unlisted && conversation.high === 0)) await tail(conversation.id)
    if (conversation.kind !== "group" && !unlisted) return
    if (conversation.kind === "group") await group(conversation.with, conversation.id)
    await client.receipts(targetOf(conversation)).then((list) => dispatch({ type: "receipts", list }), heed)
  }

  const refresh = async () => {
    try {
      const found = await client.conversations({ order: "recent", limit: listSize })
      listed(found)
      const { open } = store.state
      const current = open === undefined ? undefined : lookUp(store.state.conversations, open)
      await Promise.all([
        current === undefined ? undefined : opened(current),
        client.blockedUsers().then((users) => dispatch({ type: "blocked", users }), heed)
      ])
    } catch (error) {
      heed(error)
    }
  }

  const until = async (id: string, seq: number): Promise<boolean> => {
    for (let pages = 0; pages < maxPagesBack; pages++) {
      const conversation = lookUp(store.state.conversations, id)
      if (conversation === undefined || conversation.low <= seq) return conversation !== undefined
      if (!conversation.hasMore || store.state.link._tag !== "Ready") return false
      await older(id)
      if (lookUp(store.state.conversations, id)?.low === conversation.low) return false
    }
    return false
  }

  /** The words that a reply answers, where they are further up than what is held. */
  const quote = (id: string, seq: number) => {
    const conversation = lookUp(store.state.conversations, id)
    const name = `${id} ${seq}`
    if (conversation === undefined || quotes.has(name) || store.state.link._tag !== "Ready") return
    quotes.add(name)
    quoting = quoting.then(async () => {
      // It may have come with a page meanwhile.
      if ((lookUp(store.state.conversations, id)?.low ?? 0) <= seq) return
      const { messages } = await client.history(targetOf(conversation), { before: seq + 1, limit: 1 })
      const item = messages[0]?.seq === seq ? itemOf(messages[0]) : undefined
      if (item !== undefined) dispatch({ type: "quoted", conversation: id, item })
    }).catch(heed)
  }

  return { refresh, quote, more, all, top, older, newer, until, opened, group }
}
