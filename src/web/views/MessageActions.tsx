/** The small toolbar of the message under the pointer or the focus. */
import { useLayoutEffect, useRef, useState } from "preact/hooks"
import type { TextItem } from "../state/model.ts"
import type { MessageHandlers, Readers } from "./handlers.ts"
import { Icon } from "./Icon.tsx"

const quickEmojis = ["👍", "❤️", "😂", "😮", "😢", "🙏", "🎉", "👀"]

interface Props {
  readonly item: TextItem
  readonly me: string
  /** Of one's own message in a group. */
  readonly readers: Readers | undefined
  readonly handlers: MessageHandlers
}

/** Back to the message itself: the button that had the focus is about to go. */
const focusMessage = (target: EventTarget | null) => {
  if (target instanceof Element) target.closest<HTMLElement>("[data-seq]")?.focus()
}

const listed = (users: ReadonlyArray<string>): string => users.length === 0 ? "nobody yet" : users.join(", ")

export const MessageActions = ({ handlers, item, me, readers }: Props) => {
  const [picking, setPicking] = useState(false)
  const [confirming, setConfirming] = useState(false)
  const [looking, setLooking] = useState(false)
  const own = item.sender === me
  const first = useRef<HTMLButtonElement>(null)
  useLayoutEffect(() => first.current?.focus(), [picking, confirming, looking])
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || (!picking && !confirming && !looking)) return
    event.stopPropagation()
    focusMessage(event.target)
    setPicking(false)
    setConfirming(false)
    setLooking(false)
  }

  if (looking && readers !== undefined) {
    const { delivered, read } = readers
    return (
      <div class="actions many" role="group" aria-label="Who has read this" onKeyDown={onKeyDown}>
        <div class="readers" role="status">
          <p>Read by {listed(read)}.</p>
          {delivered.length > 0 && <p class="soft">Delivered to {listed(delivered)}.</p>}
        </div>
        <button
          type="button"
          ref={first}
          onClick={(event) => {
            focusMessage(event.target)
            setLooking(false)
          }}
        >
          Close
        </button>
      </div>
    )
  }
  if (confirming) {
    return (
      <div class="actions many" role="group" aria-label="Delete this message?" onKeyDown={onKeyDown}>
        <span class="question">Delete for everyone?</span>
        <button
          type="button"
          class="danger"
          ref={first}
          onClick={(event) => {
            focusMessage(event.target)
            handlers.remove(item)
          }}
        >
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
          {readers !== undefined && (
            <button
              type="button"
              aria-label="Who has read it"
              title="Who has read it"
              onClick={() => setLooking(true)}
            >
              <Icon name="checks" />
            </button>
          )}
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
