/** The small toolbar of the message under the pointer or the focus. */
import { useLayoutEffect, useRef, useState } from "preact/hooks"
import type { TextItem } from "../state/model.ts"
import type { MessageHandlers, Readers } from "./handlers.ts"
import { IconButton } from "./IconButton.tsx"

const quickEmojis = ["👍", "❤️", "😂", "😮", "😢", "🙏", "🎉", "👀"]

interface Props {
  readonly item: TextItem
  readonly me: string
  /** Of one's own message in a group. */
  readonly readers: Readers | undefined
  readonly handlers: MessageHandlers
}

interface PanelProps extends Props {
  readonly onClose: () => void
}

const listed = (users: ReadonlyArray<string>): string => users.length === 0 ? "nobody yet" : users.join(", ")

const ReadBy = ({ onClose, readers }: PanelProps) => (
  <>
    <div class="readers" role="status">
      <p>Read by {listed(readers?.read ?? [])}.</p>
      {readers !== undefined && readers.delivered.length > 0 && (
        <p class="soft">Delivered to {listed(readers.delivered)}.</p>
      )}
    </div>
    <button type="button" onClick={onClose}>Close</button>
  </>
)

const Delete = ({ handlers, item, onClose }: PanelProps) => (
  <>
    <span class="question">Delete for everyone?</span>
    <button
      type="button"
      class="danger"
      onClick={() => {
        onClose()
        handlers.remove(item)
      }}
    >
      Delete
    </button>
    <button type="button" onClick={onClose}>Keep</button>
  </>
)

const Emojis = ({ handlers, item, me, onClose }: PanelProps) => (
  <>
    {quickEmojis.map((emoji) => {
      const mine = item.reactions.some((each) => each.emoji === emoji && each.users.includes(me))
      return (
        <button
          key={emoji}
          type="button"
          class={mine ? "emoji mine" : "emoji"}
          aria-label={mine ? `Take back ${emoji}` : `React with ${emoji}`}
          onClick={() => {
            onClose()
            handlers.react(item, emoji, mine)
          }}
        >
          {emoji}
        </button>
      )
    })}
  </>
)

/** What takes the place of the toolbar. */
const panels = {
  readers: { label: "Who has read this", View: ReadBy },
  delete: { label: "Delete this message?", View: Delete },
  emojis: { label: "Choose a reaction", View: Emojis }
} as const

export const MessageActions = (props: Props) => {
  const { handlers, item, me, readers } = props
  const [open, setOpen] = useState<keyof typeof panels>()
  const panel = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => panel.current?.querySelector("button")?.focus(), [open])
  const onClose = () => {
    // Back to the message itself: the button that had the focus is about to go.
    panel.current?.closest<HTMLElement>("[data-seq]")?.focus()
    setOpen(undefined)
  }

  if (open !== undefined) {
    const { label, View } = panels[open]
    return (
      <div
        ref={panel}
        class="actions many"
        role="group"
        aria-label={label}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return
          event.stopPropagation()
          onClose()
        }}
      >
        <View {...props} onClose={onClose} />
      </div>
    )
  }
  return (
    <div class="actions" role="toolbar" aria-label="Message actions">
      <IconButton class="" icon="smile" label="React" onClick={() => setOpen("emojis")} />
      <IconButton class="" icon="reply" label="Reply" onClick={() => handlers.reply(item)} />
      {item.sender === me && (
        <>
          {readers !== undefined && (
            <IconButton
              class=""
              icon="checks"
              label="Who has read it"
              onClick={() => setOpen("readers")}
            />
          )}
          <IconButton class="" icon="edit" label="Edit" onClick={() => handlers.edit(item)} />
          <IconButton class="" icon="trash" label="Delete" onClick={() => setOpen("delete")} />
        </>
      )}
    </div>
  )
}
