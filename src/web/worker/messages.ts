/** What the page and its service worker say to each other. */
import type { NoteData } from "../text/note.ts"

export type ToWorker =
  /** Takes the place of the one before it, without waiting for its tabs to go. */
  | { readonly type: "takeOver" }
  /** Is this file of the page part of what you know? Answered with a boolean. */
  | { readonly type: "has"; readonly url: string }
  /** These were loaded before there was a worker to keep them. */
  | { readonly type: "keep"; readonly urls: ReadonlyArray<string> }

export type ToPage =
  /** Answered with an `Answer`. */
  | { readonly type: "who" }
  | { readonly type: "open"; readonly data: NoteData }
  /** The browser has another subscription than before. */
  | { readonly type: "subscription" }

/** What a tab says of itself. */
export interface Answer {
  readonly user: string
  readonly open: string | undefined
  readonly visible: boolean
}

/** A worker, or a tab: only what is of this origin can be one. */
interface Receiver {
  readonly postMessage: (message: unknown, transfer: Array<Transferable>) => void
}

export const post = (to: Receiver, message: ToWorker | ToPage, ...ports: Array<MessagePort>): void =>
  // A worker and its pages have one origin.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  to.postMessage(message, ports)

/** Asks with a port for the answer; `undefined` from whom does not answer in time. */
export const ask = <A>(
  to: Receiver,
  question: ToWorker | ToPage,
  patienceMillis: number
): Promise<A | undefined> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    const timer = setTimeout(() => resolve(undefined), patienceMillis)
    port1.addEventListener("message", ({ data }) => {
      clearTimeout(timer)
      port1.close()
      // The other side is of the same build, or answers a question of its own that nobody takes for this one.
      resolve(data as A)
    })
    port1.start()
    post(to, question, port2)
  })
