/** The service worker as the page sees it: registered once for all tabs, and replaced when there is a newer one. */
import type { NoteData } from "../../text/note.ts"
import { type Answer, ask, post, type ToPage, type ToWorker } from "../../worker/messages.ts"

const answerMillis = 1_000

interface Listener {
  readonly who: () => Answer
  readonly open: (data: NoteData) => void
  readonly subscription: () => void
}

export const makeWorker = () => {
  // Missing over plain http, and where somebody has switched it off.
  const container = (navigator as Partial<Navigator>).serviceWorker
  const listeners = new Set<() => void>()
  const sessions = new Set<Listener>()
  let registration: ServiceWorkerRegistration | undefined
  let newer = false
  let asked = false

  const say = (to: ServiceWorker | null | undefined, message: ToWorker) => to && post(to, message)

  /** A newer one waits. Where this page is the newer one already, nobody has to be asked. */
  const look = async (waiting: ServiceWorker) => {
    const isOwn = await ask<boolean>(waiting, { type: "has", url: import.meta.url }, answerMillis)
    if (isOwn !== false) return say(waiting, { type: "takeOver" })
    newer = true
    for (const listener of listeners) listener()
  }

  const watch = (found: ServiceWorkerRegistration) => {
    registration = found
    if (found.waiting !== null && found.active !== null) void look(found.waiting)
    found.addEventListener("updatefound", () => {
      const next = found.installing
      next?.addEventListener("statechange", () => {
        if (next.state === "installed" && found.active !== null) void look(next)
      })
    })
  }

  /** What came before there was a worker; of its own accord it sees only what comes later. */
  const keepLoaded = () => {
    const urls = performance.getEntriesByType("resource").map(({ name }) => name)
    void container?.ready.then(({ active }) => say(active, { type: "keep", urls }))
  }

  const onMessage = ({ data, ports }: MessageEvent) => {
    // Only the worker of this scope can send it something.
    const message = data as ToPage
    for (const session of sessions) {
      if (message.type === "who") ports[0]?.postMessage(session.who())
      else if (message.type === "subscription") session.subscription()
      else if (message.type === "open" && message.data.user === session.who().user) session.open(message.data)
    }
  }

  return {
    start: () => {
      if (container === undefined) return
      container.addEventListener("message", onMessage)
      container.startMessages()
      container.addEventListener("controllerchange", () => asked && location.reload())
      const begin = () => {
        container.register("sw.js", { scope: "./", updateViaCache: "none" }).then(watch, () => {})
        keepLoaded()
      }
      // What the page needs comes first.
      if (document.readyState === "complete") begin()
      else addEventListener("load", begin, { once: true })
    },
    /** `undefined` until there is one that works. */
    active: (): ServiceWorkerRegistration | undefined => registration?.active == null ? undefined : registration,
    isPossible: container !== undefined,
    get isOutdated(): boolean {
      return newer
    },
    /** The server may have a newer page than this. */
    check: () => void registration?.update().catch(() => {}),
    reload: () => {
      asked = true
      if (registration?.waiting == null) location.reload()
      else say(registration.waiting, { type: "takeOver" })
    },
    subscribe: (listener: () => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    listen: (session: Listener) => {
      sessions.add(session)
      return () => void sessions.delete(session)
    }
  }
}

export type Worker = ReturnType<typeof makeWorker>

/** Of this tab, whoever is signed in. */
export const worker = makeWorker()
