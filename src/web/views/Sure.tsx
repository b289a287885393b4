/** A button for what cannot be undone: it asks once more, in its own place, and the focus stays there. */
import type { ComponentChildren } from "preact"
import { useLayoutEffect, useRef, useState } from "preact/hooks"

interface Props {
  readonly label: string
  readonly question: string
  readonly onSure: () => void
  readonly children?: ComponentChildren
  readonly class?: string
}

export const Sure = ({ children, label, onSure, question, ...props }: Props) => {
  const [asking, setAsking] = useState(false)
  const first = useRef<HTMLButtonElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const asked = useRef(false)
  useLayoutEffect(() => {
    if (asking) first.current?.focus()
    else if (asked.current) button.current?.focus()
    asked.current = asking
  }, [asking])

  if (!asking) {
    return (
      <button
        ref={button}
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
      <button ref={first} type="button" onClick={() => setAsking(false)}>Keep</button>
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
