/** What keeps a long log light and still: who is near, and the same message at the same place when older ones come. */
import type { RefObject } from "preact"
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks"
import type { Observe } from "./ChunkView.tsx"

/** One observer for all chunks; those within a screen or so are near. */
export const useNearness = (scroller: RefObject<HTMLElement | null>): Observe => {
  const shared = useMemo(() => {
    const listeners = new Map<Element, (near: boolean) => void>()
    let observer: IntersectionObserver | undefined
    const start = () =>
      observer ??= new IntersectionObserver((entries) => {
        for (const entry of entries) listeners.get(entry.target)?.(entry.isIntersecting)
      }, { root: scroller.current, rootMargin: "1200px 0px" })
    const observe: Observe = (element, onNear) => {
      listeners.set(element, onNear)
      observer?.observe(element)
      return () => {
        listeners.delete(element)
        observer?.unobserve(element)
      }
    }
    return {
      observe,
      // Children are there before their scroller; they are looked at once it is there too.
      begin: () => {
        start()
        for (const element of listeners.keys()) observer?.observe(element)
        return () => observer?.disconnect()
      }
    }
  }, [])
  useEffect(shared.begin, [])
  return shared.observe
}

/** When `low` falls, older messages came in above: what one was reading stays where it was. */
export const useAnchor = (
  scroller: RefObject<HTMLElement | null>,
  low: number,
  atEnd: RefObject<boolean>
) => {
  const anchor = useRef<{ readonly element: Element; readonly top: number } | undefined>(undefined)
  const before = useRef(low)
  // While rendering, the document still shows the state before.
  if (before.current !== low && scroller.current !== null) {
    const top = scroller.current.getBoundingClientRect().top
    const first = Array.from(scroller.current.querySelectorAll("[data-seq]"))
      .find((element) => element.getBoundingClientRect().bottom > top)
    anchor.current = first === undefined ? undefined : { element: first, top: first.getBoundingClientRect().top }
  }
  useLayoutEffect(() => {
    before.current = low
    const kept = anchor.current
    anchor.current = undefined
    if (kept === undefined || atEnd.current === true || scroller.current === null || !kept.element.isConnected) return
    scroller.current.scrollTop += kept.element.getBoundingClientRect().top - kept.top
  }, [low])
}
