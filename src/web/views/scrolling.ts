/** What keeps a long log still: the same message is at the same place when older ones come. */
import type { RefObject } from "preact"
import { useMemo, useRef } from "preact/hooks"

export interface Hold {
  /** Whether the log shows its end, and so follows it. */
  readonly atEnd: () => boolean
  readonly toEnd: () => void
  /** Puts back what moved because something above it changed. */
  readonly hold: () => void
  /** What is seen now is what stays. */
  readonly look: () => void
}

/** So near to the end counts as the end. */
const nearEnd = 80

/**
 * Keeps the first message that is seen at its place while others are drawn, loaded or changed above it. Browsers do
 * that as well, but not all of them, and not at the very top; two at once would be one too many, so the style says no.
 */
export const useHold = (scroller: RefObject<HTMLElement | null>, past: boolean): Hold => {
  const inPast = useRef(past)
  inPast.current = past
  return useMemo(() => {
    let anchor: { readonly seq: string; readonly top: number } | undefined
    let atEnd = true
    /** Where the log was scrolled to when it was last looked at. */
    let seenAt = 0
    /** How far it could be scrolled then. */
    let seenRange = -1
    const rangeOf = (log: HTMLElement) => log.scrollHeight - log.clientHeight
    const topOf = (element: Element, log: HTMLElement) =>
      element.getBoundingClientRect().top - log.getBoundingClientRect().top
    const remember = (log: HTMLElement) => {
      const top = log.getBoundingClientRect().top
      const element = Array.from(log.querySelectorAll("[data-seq]"))
        .find((each) => each.getBoundingClientRect().bottom > top)
      const seq = element?.getAttribute("data-seq")
      anchor = element === undefined || seq == null ? undefined : { seq, top: topOf(element, log) }
      seenAt = log.scrollTop
      seenRange = rangeOf(log)
    }
    const look = () => {
      const log = scroller.current
      if (log === null) return
      // The end of an old part of the log is no end to follow.
      atEnd = !inPast.current && rangeOf(log) - log.scrollTop < nearEnd
      remember(log)
    }
    const toEnd = () => {
      const log = scroller.current
      if (log === null) return
      log.scrollTop = log.scrollHeight
      atEnd = true
      remember(log)
    }
    return {
      atEnd: () => atEnd,
      toEnd,
      look,
      hold: () => {
        const log = scroller.current
        if (log === null) return
        // It was scrolled since: that is what somebody wanted.
        if (log.scrollTop !== seenAt) return look()
        if (atEnd && !inPast.current) {
          if (rangeOf(log) !== seenRange) toEnd()
          return
        }
        const kept = anchor && log.querySelector(`[data-seq="${anchor.seq}"]`)
        if (anchor !== undefined && kept != null) log.scrollTop += topOf(kept, log) - anchor.top
        remember(log)
      }
    }
  }, [])
}
