/** The small toolbar of the message under the pointer or the focus. */
import { useLayoutEffect, useRef, useState } from "preact/hooks"
import type { TextItem } from "../state/model.ts"
import { words } from "../words/index.ts"
import { classes } from "./classes.ts"
import type { MessageHandlers, Readers } from "./handlers.ts"
import { IconButton } from "./IconButton.tsx"
import { useNames } from "./people/names.tsx"
import { ReportPanel } from "./ReportPanel.tsx"

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

const ReadBy = ({ onClose, readers }: PanelProps) => {
  const names = useNames()
  const named = (users: ReadonlyArray<string>): string =>
    users.length === 0 ? words.actions.nobodyYet : users.map(names.within).join(", ")
  return (
    <>
      <div class="readers" role="status">
        <p>{words.actions.readBy(named(readers?.read ?? []))}</p>
        {readers !== undefined && readers.delivered.length > 0 && (
          <p class="soft">{words.actions.deliveredTo(named(readers.delivered))}</p>
        )}
      </div>
      <button type="button" onClick={onClose}>{words.page.close}</button>
    </>
  )
}

const Delete = ({ handlers, item, onClose }: PanelProps) => (
  <>
    <span class="question">{words.actions.deleteQuestion}</span>
    <button
      type="button"
      class="danger"
      onClick={() => {
        onClose()
        handlers.remove(item)
      }}
    >
      {words.actions.delete}
    </button>
    <button type="button" onClick={onClose}>{words.page.keep}</button>
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
          aria-label={mine ? words.actions.takeBack(emoji) : words.actions.reactWith(emoji)}
          onClick={() => {
            onClose()
            handlers.react(item, emoji, mine)
          }}
        >
          {emoji}
        </button>
      )
    })}
    <IconButton
      class=""
      icon="plus"
      label={words.emoji.more}
      onClick={() => {
        onClose()
        handlers.chooseEmoji(item)
      }}
    />
  </>
)

/** What takes the place of the toolbar. */
const panels = {
  readers: { label: "readersLabel", View: ReadBy },
  delete: { label: "deleteLabel", View: Delete },
  report: { label: "report", View: ReportPanel },
  emojis: { label: "chooseReaction", View: Emojis }
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
        class={classes({ actions: true, many: true, asks: open === "report" })}
        role="group"
        aria-label={words.actions[label]}
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
    <div class="actions" role="toolbar" aria-label={words.actions.label}>
      <IconButton class="" icon="smile" label={words.actions.react} onClick={() => setOpen("emojis")} />
      <IconButton class="" icon="reply" label={words.actions.reply} onClick={() => handlers.reply(item)} />
      {item.sender === me && (
        <>
          {readers !== undefined && (
            <IconButton
              class=""
              icon="checks"
              label={words.actions.readers}
              onClick={() => setOpen("readers")}
            />
          )}
          <IconButton class="" icon="edit" label={words.actions.edit} onClick={() => handlers.edit(item)} />
        </>
      )}
      {handlers.mayRemove(item) && (
        <IconButton
          class=""
          icon="trash"
          label={words.actions.delete}
          onClick={() => setOpen("delete")}
        />
      )}
      {item.sender !== me && (
        <IconButton
          class=""
          icon="flag"
          label={words.actions.report}
          onClick={() => setOpen("report")}
        />
      )}
    </div>
  )
}
