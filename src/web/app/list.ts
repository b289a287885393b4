/** The list of conversations, page by page. */
import type { ConversationList, SimpleClient } from "../../client/index.ts"
import type { Store } from "../state/store.ts"

const pageSize = 100
/** Of those in which something was said that are not in the list yet. */
const topSize = 20
const gatherMillis = 300

export const makeList = (client: SimpleClient, store: Store, heed: (error: unknown) => void) => {
  /** Where the next page begins. */
  let cursor: string | undefined
  /** When something was last said in the last one before it. */
  let reached = Infinity
  let loading: Promise<void> | undefined
  let asked = false

  const show = ({ conversations, cursor: next }: ConversationList) => {
    cursor = next
    reached = conversations.at(-1)?.last_at ?? reached
    store.dispatch({ type: "listed", conversations, more: cursor !== undefined })
  }

  /** The next page; two that ask at once ask once. */
  const more = (): Promise<void> => {
    if (loading !== undefined) return loading
    if (cursor === undefined || !store.isReady()) return Promise.resolve()
    const from = cursor
    return loading = client.conversations({ order: "recent", limit: pageSize, cursor: from }).then((found) => {
      // Another connection may have begun from the top.
      if (cursor === from) show(found)
    }).catch(heed).finally(() => {
      loading = undefined
    })
  }

  /** All of it, for whoever searches. */
  const all = async (): Promise<void> => {
    const before = cursor
    await more()
    if (cursor !== undefined && cursor !== before) await all()
  }

  return {
    begin: async () => show(await client.conversations({ order: "recent", limit: pageSize })),
    more,
    all,
    /** Something was said, at that time, in one that the list has not told of: it is among the latest, or comes later. */
    top: (at: number) => {
      if (asked || at < reached) return
      asked = true
      setTimeout(() => {
        client.conversations({ order: "recent", limit: topSize })
          .then(({ conversations }) => store.dispatch({ type: "listed", conversations }), heed)
          .finally(() => {
            asked = false
          })
      }, gatherMillis)
    }
  }
}
