/** Whose presence is watched: the people that are to be seen in the list, and those of the conversation that is open. */
import type { SimpleClient } from "../../client/index.ts"
import type { Store } from "../state/store.ts"

/** The protocol allows 500. */
const maxWatched = 400
/** What is asked for within so many milliseconds is asked for together. */
const gatherMillis = 60

export const makeWatch = (client: SimpleClient, store: Store, heed: (error: unknown) => void) => {
  const watched = new Set<string>()
  let visible: ReadonlyArray<string> = []
  let timer: ReturnType<typeof setTimeout> | undefined

  const openOnes = (): ReadonlyArray<string> => {
    const { open } = store.state
    const conversation = open === undefined ? undefined : store.conversation(open)
    if (conversation === undefined) return []
    return conversation.kind === "direct"
      ? [conversation.with]
      : conversation.info?.members.map(({ user }) => user) ?? []
  }

  const ask = () => {
    timer = undefined
    if (!store.isReady()) return
    const wanted = new Set([...visible, ...openOnes()])
    wanted.delete(store.state.me)
    const fresh = Array.from(wanted).filter((user) => !watched.has(user)).slice(0, maxWatched)
    if (fresh.length === 0) return
    // Those that were seen longest ago make room.
    const surplus = watched.size + fresh.length - maxWatched
    const gone = surplus <= 0 ? [] : Array.from(watched).filter((user) => !wanted.has(user)).slice(0, surplus)
    for (const user of gone) watched.delete(user)
    if (gone.length > 0) client.unsubscribePresence(gone).catch(heed)
    const room = fresh.slice(0, Math.max(0, maxWatched - watched.size))
    if (room.length === 0) return
    for (const user of room) watched.add(user)
    client.subscribePresence(room).catch((error: unknown) => {
      for (const user of room) watched.delete(user)
      heed(error)
    })
  }

  const soon = () => {
    timer ??= setTimeout(ask, gatherMillis)
  }

  return {
    /** Something that is watched may be another now. */
    soon,
    /** These are the people that the list shows. */
    visible: (users: ReadonlyArray<string>) => {
      visible = users
      soon()
    },
    stop: () => clearTimeout(timer)
  }
}

export type Watch = ReturnType<typeof makeWatch>
