/** What has to be asked for: the list, the last page of each conversation, older pages, who is in a group. */
import { targetOf } from "../state/conversations.ts"
import { lookUp } from "../state/lookUp.ts"
import type { Conversation } from "../state/model.ts"
import type { Store } from "../state/store.ts"
import type { ConversationSummary, SimpleClient } from "./client.ts"

const pageSize = 60
/** So many conversations show a last message at once; the others when they are opened. */
const maxPreviews = 150
const atOnce = 4
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

  const list = async () => {
    const conversations: Array<ConversationSummary> = []
    let after: string | undefined
    do {
      const found = await client.conversations({ limit: 100, ...(after === undefined ? undefined : { after }) })
      conversations.push(...found.conversations)
      after = found.has_more ? found.conversations.at(-1)?.conversation : undefined
    } while (after !== undefined)
    return conversations
  }

  const previews = async (ids: ReadonlyArray<string>) => {
    const waiting = [...ids]
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) await tail(id)
      })
    )
  }

  const opened = async (conversation: Conversation) => {
    if (store.state.link._tag !== "Ready") return
    if (conversation.high === 0 && conversation.head > 0) await tail(conversation.id)
    if (conversation.kind !== "group") return
    await group(conversation.with, conversation.id)
    await client.receipts(targetOf(conversation)).then((list) => dispatch({ type: "receipts", list }), heed)
  }

  const refresh = async () => {
    try {
      const conversations = await list()
      dispatch({ type: "listed", conversations })
      const { open } = store.state
      const behind = conversations.filter(({ conversation, head_seq }) =>
        head_seq > (lookUp(store.state.conversations, conversation)?.high ?? 0)
      )
      const rank = (summary: ConversationSummary) => summary.conversation === open ? -1 : summary.unread > 0 ? 0 : 1
      const ids = behind.sort((a, b) => rank(a) - rank(b)).slice(0, maxPreviews).map((each) => each.conversation)
      const current = open === undefined ? undefined : lookUp(store.state.conversations, open)
      await Promise.all([
        previews(ids),
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

  return { refresh, older, newer, until, opened, group }
}
