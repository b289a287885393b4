/** One message: who, what, when, how far it came, what others think of it, and what can be done with it. */
import type { VNode } from "preact"
import { useState } from "preact/hooks"
import { isMentioned } from "../state/mentions.ts"
import type { Reaction, TextItem } from "../state/model.ts"
import { goneSentence, type Tick } from "../state/selectors.ts"
import { hueOf } from "../text/names.ts"
import { fullTimeOf, timeOf } from "../text/time.ts"
import { words } from "../words/index.ts"
import { classes } from "./classes.ts"
import { Files } from "./files/Files.tsx"
import type { MessageHandlers, Quote, Readers } from "./handlers.ts"
import { memo } from "./hooks.ts"
import { useMark } from "./mentions/useMark.tsx"
import { MessageActions } from "./MessageActions.tsx"
import { PersonMark } from "./people/Mark.tsx"
import { Name, useNames } from "./people/names.tsx"
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

const Reactions = ({ handlers, item, locked, me }: Pick<Props, "handlers" | "item" | "locked" | "me">) => {
  const names = useNames()
  return (
    <ul class="reactions" aria-label={words.message.reactions}>
      {item.reactions.map(({ emoji, users }: Reaction) => {
        const mine = users.includes(me)
        const who = users.map(names.within).join(", ")
        return (
          <li key={emoji}>
            <button
              type="button"
              class={mine ? "mine" : ""}
              aria-pressed={mine}
              aria-label={words.message.reaction(emoji, users.length, who)}
              title={who}
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
}

const Words = ({ me, mentions, room, text }: {
  readonly room: VNode
  readonly text: string
  readonly mentions: ReadonlyArray<string> | undefined
  readonly me: string
}) => {
  const mark = useMark(mentions, me)
  const [all, setAll] = useState(false)
  const isCut = !all && text.length > longText
  const shown = isCut ? `${text.slice(0, 700).replace(/[\ud800-\udbff]$/, "")}…` : text
  return (
    <>
      <div class={classes({ text: true, "only-emoji": text.length <= maxEmojis && onlyEmoji.test(text) })} dir="auto">
        <RichText text={shown} mark={mark} />
        {!isCut && room}
      </div>
      {isCut && <button type="button" class="link" onClick={() => setAll(true)}>{words.message.showAll}</button>}
    </>
  )
}

export const MessageView = memo(
  ({ active, close, flash, handlers, item, locked, me, named, quoted, quotedBy, reachable, readers, tick }: Props) => {
    const names = useNames()
    const own = item.sender === me
    const gone = item.deleted === true
    const edited = item.edited_at !== undefined && !gone
    const room = (
      <Room words={`${timeOf(item.at)}${edited ? ` ${words.message.edited}` : ""}`} ticked={tick !== undefined} />
    )
    return (
      <div
        class={classes({
          message: true,
          own,
          close,
          named,
          flash,
          waiting: item.waiting === true,
          "for-me": isMentioned(item, me)
        })}
        role="article"
        aria-label={words.message.label({ me: own, name: names.within(item.sender) }, timeOf(item.at))}
        tabIndex={reachable ? 0 : -1}
        data-seq={item.seq}
      >
        {named && !close && <PersonMark user={item.sender} small />}
        <div class={classes({ bubble: true, gone, "with-files": item.attachments !== undefined })}>
          {named && !close && <Name class={`sender hue-${hueOf(item.sender)}`} user={item.sender} />}
          {item.reply_to !== undefined && !gone && (
            <button
              type="button"
              class="quote"
              onClick={() => handlers.jump(item.reply_to!)}
            >
              {quotedBy === undefined ? <bdi>{words.message.earlier}</bdi> : <Name user={quotedBy} />}
              <span dir="auto">{quoted ?? words.message.show}</span>
            </button>
          )}
          {gone
            ? (
              <p class="text">
                {goneSentence(item, me, names)}
                {room}
              </p>
            )
            : (
              <>
                {item.attachments !== undefined && (
                  <Files attachments={item.attachments} seq={item.seq} handlers={handlers} />
                )}
                <Words text={item.text} room={room} mentions={item.mentions} me={me} />
              </>
            )}
          <span class="meta">
            {edited && (
              <span title={words.message.editedAt(fullTimeOf(item.edited_at ?? 0))}>{words.message.edited}</span>
            )}
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
