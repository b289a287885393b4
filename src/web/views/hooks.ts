/** Small helpers that all views share. */
import { type Component, type FunctionComponent, h } from "preact"
import { useCallback, useEffect, useRef, useState } from "preact/hooks"
import type { State } from "../state/model.ts"
import type { Store } from "../state/store.ts"

export const useStore = (store: Store): State => {
  const [state, setState] = useState(store.state)
  useEffect(() => {
    setState(store.state)
    return store.subscribe(() => setState(store.state))
  }, [store])
  return state
}

/** The time, anew every half a minute. */
export const useNow = (): number => {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000)
    return () => clearInterval(timer)
  }, [])
  return now
}

/** Whole seconds until then, anew every second; 0 without a time. */
export const useCountdown = (until: number | undefined): number => {
  const [, draw] = useState(0)
  useEffect(() => {
    if (until === undefined) return
    const timer = setInterval(() => draw(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [until])
  return until === undefined ? 0 : Math.max(0, Math.ceil((until - Date.now()) / 1_000))
}

/** Always the same function, which calls the latest one: views that get it need not be drawn again. */
export const useStable = <A, B>(f: (a: A) => B): (a: A) => B => {
  const latest = useRef(f)
  latest.current = f
  return useCallback((a) => latest.current(a), [])
}

export const useMedia = (query: string): boolean => {
  const [matches, setMatches] = useState(() => matchMedia(query).matches)
  useEffect(() => {
    const list = matchMedia(query)
    const onChange = () => setMatches(list.matches)
    list.addEventListener("change", onChange)
    return () => list.removeEventListener("change", onChange)
  }, [query])
  return matches
}

const sameProps = <P extends object>(a: P, b: P): boolean =>
  Object.keys({ ...a, ...b }).every((key) => a[key as keyof P] === b[key as keyof P])

/** Draws again only when a prop is another one. Of its own, as all of `preact/compat` would come with the one there. */
export const memo = <P extends object>(view: FunctionComponent<P>, same = sameProps<P>): FunctionComponent<P> => {
  function Memo(this: Component<P>, props: P) {
    this.shouldComponentUpdate = (next) => !same(this.props as P, next)
    return h(view, props)
  }
  return Memo
}
