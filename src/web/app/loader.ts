/** What has to be asked for: the list, the last page of each conversation, older pages, who is in a group. */
import type { SimpleClient } from "../../client/index.ts"
import { emptyConversation, targetOf } from "../state/conversations.ts"
import type { Store } from "../state/store.ts"
import { makeHistory } from "./history.ts"
import { makeList } from "./list.ts"

export const makeLoader = (client: SimpleClient, store: Store, heed: (error: unknown) => void) => {
  const { dispatch } = store
  const { begin, ...list } = makeList(client, store, heed)
  const { tail, ...history } = makeHistory(client, store, heed)
  const { place } = history

  const group = async (name: string, id: string) => {
    try {
      dispatch({ type: "group", info: await client.groupInfo(name) })
    } catch (error) {
      // Who is no longer a member keeps what is known; the log says how it ended.
      if (store.conversation(id)?.info === undefined) heed(error)
    }
  }

  /** Its newest, or what stands around a place; whoever reads further up is left there when a connection is new. */
  const opened = async (id: string, at?: number) => {
    const conversation = store.conversation(id)
    // Nothing is known before the list is there; then this is asked again.
    if (conversation === undefined || !store.isReady() || !store.state.listed) return
    const unlisted = conversation.listed === undefined && store.state.more
    if (at !== undefined) await place(id, at)
    else if (conversation.past !== true) {
      if (
        conversation.recalled === true || conversation.high < conversation.head || (unlisted && conversation.high === 0)
      ) await tail(conversation)
    }
    if (conversation.kind !== "group" && !unlisted) return
    if (conversation.kind === "group") await group(conversation.with, id)
    await client.receipts(targetOf(conversation)).then((list) => dispatch({ type: "receipts", list }), heed)
  }

  /** Its newest messages, whether or not it is open. */
  const recent = async (id: string): Promise<void> => {
    const conversation = store.conversation(id)
    if (conversation !== undefined) await tail(conversation)
  }

  const refresh = async () => {
    try {
      await begin()
      const { open } = store.state
      await Promise.all([
        open === undefined ? undefined : opened(open),
        client.blockedUsers().then((users) => dispatch({ type: "blocked", users }), heed)
      ])
    } catch (error) {
      heed(error)
    }
  }

  /** What was found may be in groups that the list has not come to; each has a name. */
  const asked = new Set<string>()
  const named = (hits: ReadonlyArray<{ readonly conversation: string }>) => {
    for (const { conversation: id } of hits) {
      const conversation = store.conversation(id) ?? emptyConversation(id, store.state.me)
      if (conversation.kind !== "group" || conversation.listed === true || asked.has(id)) continue
      asked.add(id)
      void group(conversation.with, id)
    }
  }

  return { ...list, ...history, group, named, opened, recent, refresh }
}

export type Loader = ReturnType<typeof makeLoader>
