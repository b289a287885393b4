/** Where the keyboard is: in lists it moves by arrows, and when what had it is gone it is never nowhere. */
import { useEffect, useLayoutEffect, useRef } from "preact/hooks"

const steps: Readonly<Record<string, number>> = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity }

/** Moves the focus among these, beginning at the one that has it, or before the first. */
export const moveFocus = (event: KeyboardEvent, elements: ReadonlyArray<HTMLElement>): void => {
  const step = steps[event.key]
  if (step === undefined) return
  const index = elements.findIndex((element) => element.contains(document.activeElement))
  event.preventDefault()
  elements[Math.max(0, Math.min(elements.length - 1, index + step))]?.focus()
}

export const childrenOf = (parent: ParentNode | null, selector: string): ReadonlyArray<HTMLElement> =>
  Array.from(parent?.querySelectorAll<HTMLElement>(selector) ?? [])

const isNowhere = (): boolean => document.activeElement === null || document.activeElement === document.body

/** The field that one writes in, else the list; where fingers type, the messages, as the keys would cover half of all. */
const home = (narrow: boolean): HTMLElement | undefined =>
  [narrow ? ".conversation .log" : ".composer textarea", "button.row[tabindex='0']", ".first button", ".tools button"]
    .flatMap((selector) => childrenOf(document, selector))
    .find((element) => element.offsetParent !== null)

/** `ready` says when there is something to come to. Whoever has put the focus somewhere is left there. */
export const useFocus = (narrow: boolean, ready: boolean): void => {
  const last = useRef<Element | null>(null)
  useEffect(() => {
    const note = (event: FocusEvent) => {
      last.current = event.target instanceof Element ? event.target : null
    }
    document.addEventListener("focusin", note)
    return () => document.removeEventListener("focusin", note)
  }, [])
  useLayoutEffect(() => {
    if (last.current !== null && !last.current.isConnected && isNowhere()) home(narrow)?.focus()
  })
  useEffect(() => {
    if (ready && isNowhere()) home(narrow)?.focus()
  }, [ready])
}
