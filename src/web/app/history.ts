/** The log of each conversation, page by page, and what it quotes from further up. */
import type { SimpleClient } from "../../client/index.ts"
import { targetOf } from "../state/conversations.ts"
import { itemOf } from "../state/log.ts"
import type { Conversation } from "../state/model.ts"
import type { Store } from "../state/store.ts"

const pageSize = 60
const maxPagesBack = 100

export const makeHistory = (client: SimpleClient, store: Store, heed: (error: unknown) => void) => {
  const { dispatch } = store
  const busy = new Map<string, Promise<void>>()

  /** One request for a conversation at a time: two for the same page would be one too many. */
  const page = (conversation: Conversation, from: { readonly before: number } | { readonly after: number }) => {
    const { id } = conversation
    const running = busy.get(id)
    if (running !== undefined) return running
    dispatch({ type: "loading", conversation: id, loading: true })
    const started = client.history(targetOf(conversation), { ...from, limit: pageSize })
      .then((page) => dispatch({ type: "page", page }))
      .catch(heed)
      .finally(() => {
        busy.delete(id)
        dispatch({ type: "loading", conversation: id, loading: false })
      })
    busy.set(id, started)
    return started
  }

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
    await (conversation.high === 0 ? tail(conversation) : page(conversation, { after: conversation.high }))
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
      const { messages } = await client.history(targetOf(conversation), { before: seq + 1, limit: 1 })
      const item = messages[0]?.seq === seq ? itemOf(messages[0]) : undefined
      if (item !== undefined) dispatch({ type: "quoted", conversation: id, item })
    }).catch(heed)
  }

  return { tail, older, newer, until, quote }
}
