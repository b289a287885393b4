/** What the client tells goes into the store, and what has to be asked for because of it is asked for. */
import type { ChatEvent, SimpleClient, Welcome } from "../../client/index.ts"
import type { State } from "../state/model.ts"
import type { Store } from "../state/store.ts"
import type { Kept } from "./kept.ts"
import type { Loader } from "./loader.ts"
import type { Watch } from "./watch.ts"

/** How long “is typing” stays without another word, should the end of it get lost. */
const typingMillis = 7_000

interface Options {
  readonly client: SimpleClient
  readonly store: Store
  readonly kept: Kept
  readonly loader: Loader
  readonly watch: Watch
  readonly onWelcome: (welcome: Welcome) => void
  /** Something happened; `before` is what was known until then. */
  readonly onHeard: (event: ChatEvent, before: State) => void
}

/** Answers how to stop. */
export const follow = ({ client, kept, loader, onHeard, onWelcome, store, watch }: Options): () => void => {
  const { dispatch } = store
  const quiet = new Map<string, ReturnType<typeof setTimeout>>()

  const onEvent = (event: ChatEvent) => {
    const before = store.state
    dispatch({ type: "event", event })
    onHeard(event, before)
    if (event.type === "failed") {
      const failed = store.state.pending.find(({ id }) => id === event.message.id)
      if (failed !== undefined) kept.failed.put(failed.id, failed)
    }
    if (event.type === "typing" && event.active) {
      const who = `${event.conversation} ${event.user}`
      const silence = { ...event, active: false }
      clearTimeout(quiet.get(who))
      quiet.set(who, setTimeout(() => dispatch({ type: "event", event: silence }), typingMillis))
    }
    // Newcomers are watched too.
    if (event.type === "group_changed") void loader.group(event.group, event.conversation).then(watch.soon)
    if ("conversation" in event && "at" in event && store.state.more) {
      if (store.conversation(event.conversation)?.listed === undefined) loader.top(event.at)
    }
  }

  const stops = [
    client.onEvent(onEvent),
    client.onState((link) => {
      dispatch({ type: "link", link })
      if (link._tag === "Ready") onWelcome(link.welcome)
      if (link._tag === "Ready") void loader.refresh().then(watch.soon)
    })
  ]
  return () => {
    for (const stop of stops) stop()
    for (const timer of quiet.values()) clearTimeout(timer)
  }
}
