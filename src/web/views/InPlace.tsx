/** A button that asks something in its own place: the focus goes there, and comes back to it. */
import type { ComponentChildren, JSX, TargetedKeyboardEvent } from "preact"
import { useState } from "preact/hooks"

export interface InPlaceProps {
  readonly label: string
  readonly children?: ComponentChildren
  readonly class?: string
}

interface Props extends InPlaceProps {
  /** What stands there until it is `done`. */
  readonly ask: (done: () => void) => JSX.Element
}

/** Takes the focus when it comes. */
export const focus = (element: HTMLElement | null) => element?.focus()

/** Escape keeps things as they are, and is meant for nobody else. */
export const keepingOnEscape = (onKeep: () => void) => (event: TargetedKeyboardEvent<HTMLElement>) => {
  if (event.key !== "Escape") return
  event.preventDefault()
  event.stopPropagation()
  onKeep()
}

export const InPlace = ({ ask, children, label, ...props }: Props) => {
  /** Nothing before it has asked for the first time. */
  const [asking, setAsking] = useState<boolean>()
  if (asking === true) return ask(() => setAsking(false))
  return (
    <button
      ref={asking === false ? focus : null}
      type="button"
      class={props.class ?? "danger"}
      aria-label={label}
      title={label}
      onClick={() => setAsking(true)}
    >
      {children ?? label}
    </button>
  )
}
