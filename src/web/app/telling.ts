/** How the user hears of messages, and what of them stays in this browser: what a session has of both. */
import type { ChatEvent, SimpleClient, Welcome } from "../../client/index.ts"
import type { State } from "../state/model.ts"
import type { Store } from "../state/store.ts"
import { makeAttention } from "./attention.ts"
import type { Loader } from "./loader.ts"
import { makeMemory } from "./memory.ts"
import { makeRecalling } from "./recalling.ts"

/** So long the server has to hear that this browser is to be told of nothing. */
const leaveMillis = 2_000

export const makeTelling = (user: string, client: SimpleClient, store: Store, loader: Loader) => {
  const memory = makeMemory(user, (window as Partial<Window>).indexedDB)
  const recalling = makeRecalling({ store, memory, renew: loader.recent })
  const attention = makeAttention(user, client, store, recalling.end)
  let leaving: Promise<unknown> | undefined
  return {
    attention,
    onWelcome: ({ push }: Welcome) => attention.connected(push === true),
    onHeard: (event: ChatEvent, before: State) => attention.heard(event, before),
    /** The server does not take the user for who they were. */
    outdated: () => void recalling.forget(),
    /** Leaves nothing of the user behind, when somebody signs out. */
    forget: () => {
      const late = new Promise((resolve) => setTimeout(resolve, leaveMillis))
      leaving = Promise.race([attention.forget().catch(() => {}), late])
      void recalling.forget()
    },
    /** The connection is needed for a moment yet. */
    leaving: () => leaving,
    stop: () => {
      attention.stop()
      recalling.stop()
    }
  }
}
