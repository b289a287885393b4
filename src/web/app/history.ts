/** The log of each conversation, page by page, around a place in it, and what it quotes from further up. */
import { ChatError, type HistoryPage, type SimpleClient } from "../../client/index.ts"
import { targetOf } from "../state/conversations.ts"
import { itemOf } from "../state/log.ts"
import type { Conversation } from "../state/model.ts"
import type { Store } from "../state/store.ts"

const pageSize = 60
const maxPagesBack = 100
/** What is so near to what is held is reached page by page, so that what is between is there as well. */
const near = 300

type From = { readonly before: number } | { readonly after: number }

/** What is only recalled is not. */
const isHeld = ({ high, low, recalled }: Conversation, seq: number): boolean =>
  recalled !== true && high !== 0 && low <= seq && seq <= high

export const makeHistory = (client: SimpleClient, store: Store, heed: (error: unknown) => void) => {
  const { dispatch } = store
  const busy = new Map<string, Promise<void>>()

  /** One request for a conversation at a time: two for the same page would be one too many. */
  const load = (conversation: Conversation, from: From, type: "page" | "place") => {
    const { id } = conversation
    const running = busy.get(id)
    if (running !== undefined) return running
    dispatch({ type: "loading", conversation: id, loading: true })
    const started = client.history(targetOf(conversation), { ...from, limit: pageSize })
      .then((page) => dispatch({ type, page }))
      .catch((error: unknown) => {
        heed(error)
        // The server has spoken: what is only recalled is not to be seen any more.
        if (error instanceof ChatError) dispatch({ type: "refused", conversation: id })
      })
      .finally(() => {
        busy.delete(id)
        dispatch({ type: "loading", conversation: id, loading: false })
      })
    busy.set(id, started)
    return started
  }
  const page = (conversation: Conversation, from: From) => load(conversation, from, "page")

  /** The last page, whatever is held. */
  const tail = (conversation: Conversation) => page(conversation, { before: Number.MAX_SAFE_INTEGER })

  const older = async (id: string) => {
    const conversation = store.conversation(id)
    if (conversation?.hasMore !== true) return
    await (conversation.low === 0 ? tail(conversation) : page(conversation, { before: conversation.low }))
  }

  const newer = async (id: string) => {
    const conversation = store.conversation(id)
    if (conversation === undefined || conversation.high >= conversation.head) return
    await (conversation.high === 0 || conversation.recalled === true
      ? tail(conversation)
      : page(conversation, { after: conversation.high }))
  }

  /** Whether the log is held as far back as this. */
  const until = async (id: string, seq: number): Promise<boolean> => {
    for (let pages = 0; pages < maxPagesBack; pages++) {
      const conversation = store.conversation(id)
      if (conversation === undefined || conversation.low <= seq) return conversation !== undefined
      if (!conversation.hasMore || !store.isReady()) return false
      await older(id)
      if (store.conversation(id)?.low === conversation.low) return false
    }
    return false
  }

  /** Whether the log is held there. What stands around a far place takes the place of what was held. */
  const place = async (id: string, seq: number): Promise<boolean> => {
    await busy.get(id)
    const conversation = store.conversation(id)
    if (conversation === undefined) return false
    if (isHeld(conversation, seq)) return true
    const { high, low, recalled } = conversation
    if (recalled !== true && high !== 0 && seq < low && low - seq <= near) return until(id, seq)
    await load(conversation, { before: seq + pageSize / 2 }, "place")
    const after = store.conversation(id)
    return after !== undefined && isHeld(after, seq)
  }

  /** Back from an old place to where the others are. */
  const latest = async (id: string): Promise<void> => {
    await busy.get(id)
    const conversation = store.conversation(id)
    if (conversation?.past === true) await tail(conversation)
  }

  /** One entry as it is now, as with paths that are good again. */
  const one = async (conversation: Conversation, seq: number): Promise<HistoryPage["messages"][number] | undefined> => {
    const { messages } = await client.history(targetOf(conversation), { before: seq + 1, limit: 1 })
    return messages[0]?.seq === seq ? messages[0] : undefined
  }

  const renewing = new Set<string>()

  /** Reads a message again: the paths of its files have ended, or were never told. */
  const renew = async (id: string, seq: number): Promise<void> => {
    const conversation = store.conversation(id)
    const name = `${id} ${seq}`
    if (conversation === undefined || renewing.has(name) || !isHeld(conversation, seq)) return
    renewing.add(name)
    try {
      const entry = await one(conversation, seq)
      if (entry !== undefined) dispatch({ type: "entry", conversation: id, entry })
    } catch (error) {
      heed(error)
    } finally {
      renewing.delete(name)
    }
  }

  /** What is or was asked for; one at a time, and only for what is drawn. */
  const quotes = new Set<string>()
  let quoting: Promise<void> = Promise.resolve()

  /** The words that a reply answers, where they are further up than what is held. */
  const quote = (id: string, seq: number) => {
    const conversation = store.conversation(id)
    const name = `${id} ${seq}`
    if (conversation === undefined || quotes.has(name) || !store.isReady()) return
    quotes.add(name)
    quoting = quoting.then(async () => {
      // It may have come with a page meanwhile.
      if ((store.conversation(id)?.low ?? 0) <= seq) return
      const entry = await one(conversation, seq)
      const item = entry && itemOf(entry)
      if (item !== undefined) dispatch({ type: "quoted", conversation: id, item })
    }).catch(heed)
  }

  return { tail, older, newer, until, place, latest, renew, quote }
}
