/** One message: who, what, when, how far it came, what others think of it, and what can be done with it. */
import type { VNode } from "preact"
import { useState } from "preact/hooks"
import type { Reaction, TextItem } from "../state/model.ts"
import type { Tick } from "../state/selectors.ts"
import { hueOf } from "../text/names.ts"
import { fullTimeOf, timeOf } from "../text/time.ts"
import { Avatar } from "./Avatar.tsx"
import { classes } from "./classes.ts"
import type { MessageHandlers, Quote, Readers } from "./handlers.ts"
import { memo } from "./hooks.ts"
import { MessageActions } from "./MessageActions.tsx"
import { RichText } from "./RichText.tsx"
import { Room } from "./Room.tsx"
import { Ticks } from "./Ticks.tsx"

interface Props extends Quote {
  readonly item: TextItem
  readonly me: string
  /** Follows one of the same sender closely. */
  readonly close: boolean
  readonly named: boolean
  readonly readers: Readers | undefined
  readonly tick: Tick | undefined
  readonly active: boolean
  readonly reachable: boolean
  readonly flash: boolean
  readonly locked: boolean
  readonly handlers: MessageHandlers
}

const longText = 1_500
/** Three emoji of the longest kind, in UTF-16 units. */
const maxEmojis = 60
const onlyEmoji = /^(\p{RGI_Emoji}\s*){1,3}$/v

const Reactions = ({ handlers, item, locked, me }: Pick<Props, "handlers" | "item" | "locked" | "me">) => (
  <ul class="reactions" aria-label="Reactions">
    {item.reactions.map(({ emoji, users }: Reaction) => {
      const mine = users.includes(me)
      return (
        <li key={emoji}>
          <button
            type="button"
            class={mine ? "mine" : ""}
            aria-pressed={mine}
            aria-label={`${emoji} ${users.length}: ${users.join(", ")}`}
            title={users.join(", ")}
            disabled={locked}
            onClick={() => handlers.react(item, emoji, mine)}
          >
            <span>{emoji}</span> {users.length > 1 && <b>{users.length}</b>}
          </button>
        </li>
      )
    })}
  </ul>
)

const Words = ({ room, text }: { readonly room: VNode; readonly text: string }) => {
  const [all, setAll] = useState(false)
  const isCut = !all && text.length > longText
  const shown = isCut ? `${text.slice(0, 700).replace(/[\ud800-\udbff]$/, "")}…` : text
  return (
    <>
      <div class={classes({ text: true, "only-emoji": text.length <= maxEmojis && onlyEmoji.test(text) })} dir="auto">
        <RichText text={shown} />
        {!isCut && room}
      </div>
      {isCut && <button type="button" class="link" onClick={() => setAll(true)}>Show all</button>}
    </>
  )
}

export const MessageView = memo(
  ({ active, close, flash, handlers, item, locked, me, named, quoted, quotedBy, reachable, readers, tick }: Props) => {
    const own = item.sender === me
    const gone = item.deleted === true
    const edited = item.edited_at !== undefined && !gone
    const room = <Room words={`${timeOf(item.at)}${edited ? " edited" : ""}`} ticked={tick !== undefined} />
    return (
      <div
        class={classes({ message: true, own, close, named, flash, waiting: item.waiting === true })}
        role="article"
        aria-label={`${own ? "You" : item.sender}, ${timeOf(item.at)}`}
        tabIndex={reachable ? 0 : -1}
        data-seq={item.seq}
      >
        {named && !close && <Avatar name={item.sender} kind="direct" small />}
        <div class={classes({ bubble: true, gone })}>
          {named && !close && <bdi class={`sender hue-${hueOf(item.sender)}`}>{item.sender}</bdi>}
          {item.reply_to !== undefined && !gone && (
            <button
              type="button"
              class="quote"
              onClick={() => handlers.jump(item.reply_to!)}
            >
              <bdi>{quotedBy ?? "Earlier message"}</bdi>
              <span dir="auto">{quoted ?? "Show"}</span>
            </button>
          )}
          {gone
            ? (
              <p class="text">
                {item.hidden === true ? "Hidden while you had them blocked" : "Message deleted"}
                {room}
              </p>
            )
            : <Words text={item.text} room={room} />}
          <span class="meta">
            {edited && <span title={`Edited ${fullTimeOf(item.edited_at ?? 0)}`}>edited</span>}
            <time dateTime={new Date(item.at).toISOString()} title={fullTimeOf(item.at)}>{timeOf(item.at)}</time>
            {tick !== undefined && <Ticks tick={tick} />}
          </span>
          {active && !locked && !gone && <MessageActions handlers={handlers} item={item} me={me} readers={readers} />}
        </div>
        {item.reactions.length > 0 && <Reactions handlers={handlers} item={item} locked={locked} me={me} />}
      </div>
    )
  }
)
