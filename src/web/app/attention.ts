/** Everything by which the user of a session is told of messages: beside the page, by sound, and when it is closed. */
import type { ChatEvent, SimpleClient } from "../../client/index.ts"
import type { State } from "../state/model.ts"
import type { Store } from "../state/store.ts"
import type { NoteData } from "../text/note.ts"
import { makeDesk, permission } from "./notify/desk.ts"
import { choices } from "./notify/device.ts"
import { tabsOf, tellWorker } from "./notify/platform.ts"
import { makePush } from "./notify/push.ts"
import { makeQuestion } from "./notify/question.ts"
import { makeSound } from "./notify/sound.ts"
import { makeSpeaker } from "./notify/speaker.ts"
import { worker } from "./notify/worker.ts"

const isVisible = (): boolean => document.visibilityState === "visible"

/** Whatever goes wrong there is tried again with the next connection. */
const quietly = (promise: Promise<unknown>): void => void promise.catch(() => {})

/** `onOut` is called when another tab of the user signs out. */
export const makeAttention = (user: string, client: SimpleClient, store: Store, onOut: () => void) => {
  const listeners = new Set<() => void>()
  const tell = () => {
    for (const listener of listeners) listener()
  }
  let typing = false
  let opener: (data: NoteData) => void = () => {}
  let connections = 0

  const tabs = tabsOf(user, onOut)
  const desk = makeDesk(user, worker.active, (data) => opener(data))
  const sound = makeSound(() => performance.now())
  const question = makeQuestion(choices, permission, tell)
  const speaker = makeSpeaker({
    user,
    state: () => store.state,
    choices: () => choices.now,
    tabs,
    desk,
    sound,
    now: Date.now,
    onUnseen: question.raise
  })
  const push = makePush({
    user,
    client,
    choices,
    registration: () => navigator.serviceWorker.ready,
    tell: tellWorker
  })

  const look = () => {
    tabs.look({ visible: isVisible(), open: store.state.open, typing })
    if (isVisible()) speaker.seen()
  }
  look()
  document.addEventListener("visibilitychange", look)
  const stops = [
    store.subscribe(look),
    choices.subscribe(() => {
      // What the service worker shows is chosen here, too.
      if (choices.now.push === user) quietly(tellWorker(user))
      tell()
    }),
    worker.subscribe(tell),
    worker.listen({
      who: () => ({ user, open: store.state.open, visible: isVisible() }),
      open: (data) => opener(data),
      subscription: () => quietly(push.confirm())
    }),
    () => document.removeEventListener("visibilitychange", look)
  ]

  return {
    choices,
    permission,
    push,
    question,
    heard: (event: ChatEvent, before: State) => speaker.heard(event, before),
    /** There is a connection, of a server with Web Push or without. */
    connected: (hasPush: boolean) => {
      connections++
      speaker.connected()
      // The server may have come back with another page.
      if (connections > 1) worker.check()
      if (hasPush && worker.isPossible) quietly(push.confirm())
    },
    read: speaker.read,
    typing: (active: boolean) => {
      typing = active
      look()
    },
    /** Plays the sound once, as when it is switched on. */
    ring: sound.ring,
    isOutdated: () => worker.isOutdated,
    canPush: worker.isPossible,
    reload: worker.reload,
    subscribe: (listener: () => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    /** How the page goes to what a notification is about. */
    opens: (open: (data: NoteData) => void) => {
      opener = open
    },
    /** Signs out: nobody is told of anything here any more. */
    forget: (): Promise<void> => {
      tabs.out()
      desk.remove(() => true)
      return push.off()
    },
    stop: () => {
      for (const stop of stops) stop()
      speaker.stop()
      sound.stop()
      tabs.stop()
    }
  }
}

export type Attention = ReturnType<typeof makeAttention>
