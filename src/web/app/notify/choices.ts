/** How this device tells of messages. Kept in this browser; where that refuses, for as long as the page is open. */
import type { Shown } from "../../text/note.ts"

export interface Choices {
  readonly desktop: boolean
  readonly sound: boolean
  readonly show: Shown
  /** Somebody has answered the question whether to be notified. */
  readonly asked: boolean
  /** Whom the browser is to tell of messages while the page is closed. */
  readonly push?: string
}

export const usual: Choices = { desktop: false, sound: true, show: "full", asked: false }

export const choicesKey = "switchboard.notifications"

const isShown = (u: unknown): u is Shown => u === "full" || u === "name" || u === "nothing"

const flag = (u: unknown, otherwise: boolean): boolean => typeof u === "boolean" ? u : otherwise

/** What another version left there, or somebody's hand, as far as it makes sense. */
export const parseChoices = (text: string | null): Choices => {
  let read: unknown
  try {
    read = JSON.parse(text ?? "null")
  } catch {
    return usual
  }
  if (typeof read !== "object" || read === null) return usual
  const { asked, desktop, push, show, sound } = read as Record<string, unknown>
  return {
    desktop: flag(desktop, usual.desktop),
    sound: flag(sound, usual.sound),
    show: isShown(show) ? show : usual.show,
    asked: flag(asked, usual.asked),
    ...(typeof push === "string" ? { push } : undefined)
  }
}

type Change = { readonly [K in keyof Choices]?: Choices[K] | undefined }

/** `storage` may throw, as where a browser keeps nothing. */
export const makeChoices = (storage: () => Pick<Storage, "getItem" | "setItem">) => {
  const listeners = new Set<() => void>()
  const read = (): Choices | undefined => {
    try {
      return parseChoices(storage().getItem(choicesKey))
    } catch {
      return undefined
    }
  }
  let choices = read() ?? usual
  const tell = () => {
    for (const listener of listeners) listener()
  }
  return {
    get now(): Choices {
      return choices
    },
    change: (change: Change) => {
      const { push, ...rest } = { ...choices, ...change }
      // Each is there: what is left out stays, and only `push` can be taken away.
      choices = { ...rest as Omit<Choices, "push">, ...(push === undefined ? undefined : { push }) }
      try {
        storage().setItem(choicesKey, JSON.stringify(choices))
      } catch {
        // As long as the page is open.
      }
      tell()
    },
    /** Another tab has changed them. */
    again: () => {
      choices = read() ?? choices
      tell()
    },
    subscribe: (listener: () => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    }
  }
}

export type ChoicesStore = ReturnType<typeof makeChoices>
