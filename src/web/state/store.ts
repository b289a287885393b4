/** Holds the state. Listeners are told once per frame, however much has happened until then. */
import { lookUp } from "./lookUp.ts"
import type { Conversation, State } from "./model.ts"
import { type Action, reduce } from "./reducer.ts"

export interface Store {
  readonly state: State
  readonly conversation: (id: string) => Conversation | undefined
  readonly isReady: () => boolean
  readonly dispatch: (action: Action) => void
  /** Answers how to stop. */
  readonly subscribe: (listener: () => void) => () => void
}

/** `schedule` calls back soon, once. */
export const makeStore = (initial: State, schedule: (callback: () => void) => void): Store => {
  const listeners = new Set<() => void>()
  let state = initial
  let due = false
  const tell = () => {
    due = false
    for (const listener of listeners) listener()
  }
  return {
    get state() {
      return state
    },
    conversation: (id) => lookUp(state.conversations, id),
    isReady: () => state.link._tag === "Ready",
    dispatch: (action) => {
      const next = reduce(state, action)
      if (next === state) return
      state = next
      if (due) return
      due = true
      schedule(tell)
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    }
  }
}
