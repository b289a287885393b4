/** Whose presence is watched: the people of direct conversations, and of the group that is open. */
import { lookUp } from "../state/lookUp.ts"
import type { Store } from "../state/store.ts"
import type { SimpleClient } from "./client.ts"

/** The protocol allows 500. */
const maxWatched = 400

export const makeWatch = (client: SimpleClient, store: Store, heed: (error: unknown) => void) => {
  const watched = new Set<string>()

  const add = (users: ReadonlyArray<string>) => {
    if (store.state.link._tag !== "Ready") return
    const fresh = Array.from(new Set(users))
      .filter((user) => user !== store.state.me && !watched.has(user))
      .slice(0, Math.max(0, maxWatched - watched.size))
    if (fresh.length === 0) return
    for (const user of fresh) watched.add(user)
    client.subscribePresence(fresh).catch((error: unknown) => {
      for (const user of fresh) watched.delete(user)
      heed(error)
    })
  }

  const peopleOf = (id: string): ReadonlyArray<string> => {
    const conversation = lookUp(store.state.conversations, id)
    if (conversation === undefined) return []
    if (conversation.kind === "direct") return [conversation.with]
    return store.state.open === id ? conversation.info?.members.map(({ user }) => user) ?? [] : []
  }

  return {
    conversation: (id: string) => add(peopleOf(id)),
    all: () => add(Object.keys(store.state.conversations).flatMap(peopleOf))
  }
}
