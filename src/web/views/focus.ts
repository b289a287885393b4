/** Where the keyboard is when what had the focus is gone: never nowhere. */
import { useEffect, useLayoutEffect, useRef } from "preact/hooks"

const isNowhere = (): boolean => document.activeElement === null || document.activeElement === document.body

/** The field that one writes in, else the list; where fingers type, the messages, as the keys would cover half of all. */
const home = (narrow: boolean): HTMLElement | undefined =>
  [narrow ? ".conversation .log" : ".composer textarea", "button.row[tabindex='0']", ".first button", ".tools button"]
    .flatMap((selector) => Array.from(document.querySelectorAll<HTMLElement>(selector)))
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
