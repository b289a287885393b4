/** Shows what was here last until the server tells how it is now, and keeps that for the next time. */
import * as CloseCode from "../../domain/CloseCode.ts"
import type { Conversation } from "../state/model.ts"
import { keptOf } from "../state/recalled.ts"
import type { Store } from "../state/store.ts"
import type { Memory } from "./memory.ts"

const saveMillis = 1_500
/** So many conversations are read again for the next time they are looked at without a network. */
const maxRenewed = 10

/** The server ended the session because of who it is: what it showed them is not theirs to see any more. */
const endsTrust: ReadonlySet<number> = new Set([
  CloseCode.InvalidCredentials.code,
  CloseCode.CredentialsExpired.code,
  CloseCode.Kicked.code
])

interface Options {
  readonly store: Store
  readonly memory: Memory
  /** Reads the newest messages of a conversation. */
  readonly renew: (conversation: string) => Promise<void>
}

export const makeRecalling = ({ memory, renew, store }: Options) => {
  let written = new Map<string, Conversation>()
  let writtenPeople = store.state.people
  let timer: ReturnType<typeof setTimeout> | undefined
  /** Those with messages that were shown at the beginning, the latest first. */
  let recalled: ReadonlyArray<string> = []
  let stopped = false

  const save = () => {
    clearTimeout(timer)
    timer = undefined
    // What is recalled is there already, and what is half known would take its place.
    if (stopped || !store.state.listed) return
    const all = keptOf(store.state)
    const { people } = store.state
    const changed = all.filter((each) =>
      each.recalled !== true && (written.get(each.id) !== each || people !== writtenPeople)
    )
    if (changed.length === 0) return
    const bare = new Set(recalled.slice(maxRenewed))
    recalled = recalled.slice(0, maxRenewed)
    written = new Map(all.map((each) => [each.id, each]))
    writtenPeople = people
    memory.save(changed, people, new Set(written.keys()), bare).catch(() => {})
  }
  const soon = () => {
    if (!stopped) timer ??= setTimeout(save, saveMillis)
  }
  const hide = () => document.visibilityState === "hidden" && save()
  document.addEventListener("visibilitychange", hide)

  const stop = () => {
    stopped = true
    clearTimeout(timer)
    document.removeEventListener("visibilitychange", hide)
    unsubscribe()
  }

  /** Nothing of it is shown or kept any longer. */
  const forget = (): Promise<void> => {
    stop()
    store.dispatch({ type: "forgotten" })
    return memory.forget().catch(() => {})
  }

  const renewAll = async () => {
    for (const id of recalled.slice(0, maxRenewed)) {
      const conversation = store.conversation(id)
      if (stopped || !store.isReady()) return
      if (conversation !== undefined && conversation.high === 0) await renew(id)
    }
  }

  let begun = false
  const unsubscribe = store.subscribe(() => {
    const { link, listed } = store.state
    if (link._tag === "Closed" && link.code !== undefined && endsTrust.has(link.code)) return void forget()
    if (!listed) return
    if (!begun) {
      begun = true
      void renewAll()
    }
    soon()
  })

  memory.load().then((kept) => {
    if (stopped) return
    const all = kept.map(({ conversation }) => conversation)
    const names = Object.fromEntries(kept.flatMap(({ names }) => Object.entries(names ?? {})))
    const withItems = all.filter(({ items }) => items.length > 0).sort((a, b) => b.lastAt - a.lastAt)
    recalled = withItems.map(({ id }) => id)
    store.dispatch({ type: "recalled", conversations: all, names })
  }, () => {})

  return {
    forget,
    /** Another tab of this user has signed out. */
    end: () => {
      stop()
      memory.stop()
    },
    stop: () => {
      save()
      stop()
    }
  }
}
