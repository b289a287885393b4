/** The small toolbar of the message under the pointer or the focus. */
import { useEffect, useRef, useState } from "preact/hooks"
import type { TextItem } from "../state/model.ts"
import type { MessageHandlers } from "./handlers.ts"
import { Icon } from "./Icon.tsx"

const quickEmojis = ["👍", "❤️", "😂", "😮", "😢", "🙏", "🎉", "👀"]

interface Props {
  readonly item: TextItem
  readonly me: string
  readonly handlers: MessageHandlers
}

/** Back to the message itself: the button that had the focus is about to go. */
const focusMessage = (target: EventTarget | null) => {
  if (target instanceof Element) target.closest<HTMLElement>("[data-seq]")?.focus()
}

export const MessageActions = ({ handlers, item, me }: Props) => {
  const [picking, setPicking] = useState(false)
  const [confirming, setConfirming] = useState(false)
  const own = item.sender === me
  const first = useRef<HTMLButtonElement>(null)
  useEffect(() => first.current?.focus(), [picking, confirming])
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || (!picking && !confirming)) return
    event.stopPropagation()
    focusMessage(event.target)
    setPicking(false)
    setConfirming(false)
  }

  if (confirming) {
    return (
      <div class="actions many" role="group" aria-label="Delete this message?" onKeyDown={onKeyDown}>
        <span class="question">Delete for everyone?</span>
        <button type="button" class="danger" ref={first} onClick={() => handlers.remove(item)}>
          Delete
        </button>
        <button
          type="button"
          onClick={(event) => {
            focusMessage(event.target)
            setConfirming(false)
          }}
        >
          Keep
        </button>
      </div>
    )
  }
  if (picking) {
    return (
      <div class="actions many" role="group" aria-label="Choose a reaction" onKeyDown={onKeyDown}>
        {quickEmojis.map((emoji, index) => {
          const mine = item.reactions.some((each) => each.emoji === emoji && each.users.includes(me))
          return (
            <button
              key={emoji}
              type="button"
              class={mine ? "emoji mine" : "emoji"}
              aria-label={mine ? `Take back ${emoji}` : `React with ${emoji}`}
              {...(index === 0 ? { ref: first } : undefined)}
              onClick={(event) => {
                focusMessage(event.target)
                setPicking(false)
                handlers.react(item, emoji, mine)
              }}
            >
              {emoji}
            </button>
          )
        })}
      </div>
    )
  }
  return (
    <div class="actions" role="toolbar" aria-label="Message actions">
      <button type="button" aria-label="React" title="React" onClick={() => setPicking(true)}>
        <Icon name="smile" />
      </button>
      <button type="button" aria-label="Reply" title="Reply" onClick={() => handlers.reply(item)}>
        <Icon name="reply" />
      </button>
      {own && (
        <>
          <button type="button" aria-label="Edit" title="Edit" onClick={() => handlers.edit(item)}>
            <Icon name="edit" />
          </button>
          <button type="button" aria-label="Delete" title="Delete" onClick={() => setConfirming(true)}>
            <Icon name="trash" />
          </button>
        </>
      )}
    </div>
  )
}
