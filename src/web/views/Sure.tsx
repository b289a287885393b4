/** A button for what cannot be undone: it asks once more, in its own place, and the focus stays there. */
import type { ComponentChildren } from "preact"
import { useState } from "preact/hooks"

interface Props {
  readonly label: string
  readonly question: string
  readonly onSure: () => void
  readonly children?: ComponentChildren
  readonly class?: string
}

/** Takes the focus when it comes. */
const focus = (element: HTMLElement | null) => element?.focus()

export const Sure = ({ children, label, onSure, question, ...props }: Props) => {
  /** Nothing before it has asked for the first time. */
  const [asking, setAsking] = useState<boolean>()
  if (asking !== true) {
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
  return (
    <span
      class="sure"
      role="group"
      aria-label={question}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return
        event.preventDefault()
        event.stopPropagation()
        setAsking(false)
      }}
    >
      <span>{question}</span>
      <button ref={focus} type="button" onClick={() => setAsking(false)}>Keep</button>
      <button
        type="button"
        class="danger"
        onClick={() => {
          setAsking(false)
          onSure()
        }}
      >
        {label}
      </button>
    </span>
  )
}
