/**
 * One stretch of a conversation. Far from what one looks at it is an empty box of the height that it had, so that a
 * long conversation costs no more than a short one.
 */
import { Fragment } from "preact"
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks"
import { dressed, itemAt } from "../state/log.ts"
import type { Conversation, Item, TextItem } from "../state/model.ts"
import type { Names } from "../state/names.ts"
import { type Chunk, goneText, readersOf, type Tick, tickOf } from "../state/selectors.ts"
import { describeChange } from "../text/describe.ts"
import { withFiles } from "../text/files.ts"
import { plain } from "../text/format/index.ts"
import { dayName, dayOf, timeOf } from "../text/time.ts"
import { words } from "../words/index.ts"
import type { MessageHandlers, Quote } from "./handlers.ts"
import { memo } from "./hooks.ts"
import { MessageView } from "./MessageView.tsx"
import { useNames } from "./people/names.tsx"

interface Props {
  readonly chunk: Chunk
  readonly conversation: Conversation
  readonly me: string
  readonly delivered: number
  readonly read: number
  /** The message with the toolbar, when it is one of these. */
  readonly active: number | undefined
  readonly reachable: number | undefined
  readonly flash: number | undefined
  /** The message above which the line of what is new stands, when it is one of these. */
  readonly firstNew: number | undefined
  readonly locked: boolean
  readonly today: number
  readonly handlers: MessageHandlers
  /** Whether it is drawn before anybody knows where it is. */
  readonly drawn: boolean
  /** Called when its height may have changed. */
  readonly onDrawn: () => void
}

const closeMillis = 5 * 60_000

/** Of a message that was never drawn. */
const usualHeight = 44

const isClose = (before: Item | undefined, item: Item): boolean =>
  before?.kind === "text" && before.sender === item.sender && item.at - before.at < closeMillis &&
  dayOf(before.at) === dayOf(item.at)

const quoteOf = (
  conversation: Conversation,
  seq: number | undefined,
  me: string,
  names: Names
): Quote | undefined => {
  if (seq === undefined) return undefined
  const further = conversation.quoted?.[seq]
  const quoted = itemAt(conversation.items, seq) ?? (further && dressed(conversation, further))
  if (quoted?.kind !== "text") return undefined
  return {
    quotedBy: quoted.sender,
    quoted: goneText(quoted, me, names) ?? withFiles(plain(quoted.text.slice(0, 400)), quoted.attachments).slice(0, 160)
  }
}

const sameItems = (a: ReadonlyArray<Item>, b: ReadonlyArray<Item>): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index])

/** The conversation is only looked into for quotes; its other fields change all the time. */
const same = (a: Props, b: Props): boolean =>
  sameItems(a.chunk.items, b.chunk.items) && a.chunk.before === b.chunk.before && a.me === b.me &&
  a.delivered === b.delivered && a.read === b.read && a.active === b.active && a.reachable === b.reachable &&
  a.flash === b.flash && a.firstNew === b.firstNew && a.locked === b.locked && a.today === b.today &&
  a.handlers === b.handlers &&
  (a.active === undefined || a.conversation.positions === b.conversation.positions) &&
  ((a.conversation.items === b.conversation.items && a.conversation.quoted === b.conversation.quoted &&
    a.conversation.amendments === b.conversation.amendments) ||
    !a.chunk.items.some((item) => item.kind === "text" && item.reply_to !== undefined))

/** Whether it is to be drawn, and how high it is where it is not. */
const useDrawn = ({ chunk, drawn, onDrawn }: Props, isActive: boolean) => {
  const box = useRef<HTMLDivElement>(null)
  const [near, setNear] = useState(drawn)
  const height = useRef<number | undefined>(undefined)
  const isDrawn = useRef(near)
  useLayoutEffect(() => {
    const element = box.current!
    // Within a screen or so is near.
    const observer = new IntersectionObserver((entries) => {
      const isNear = entries.at(-1)!.isIntersecting
      // Only what is drawn has a height of its own.
      if (!isNear && isDrawn.current) height.current = element.getBoundingClientRect().height
      setNear(isNear)
    }, { root: element.closest(".log"), rootMargin: "1200px 0px" })
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  useLayoutEffect(onDrawn, [near])
  isDrawn.current = near || isActive
  return { box, near, emptyHeight: isDrawn.current ? "" : `${height.current ?? chunk.items.length * usualHeight}px` }
}

const Separators = ({ before, firstNew, item, today }: {
  readonly item: Item
  readonly before: Item | undefined
  readonly firstNew: boolean
  readonly today: number
}) => (
  <>
    {(before === undefined || dayOf(before.at) !== dayOf(item.at)) && (
      <div class="day" role="separator">
        <span>{dayName(item.at, today)}</span>
      </div>
    )}
    {firstNew && (
      <div class="new-line" role="separator" aria-label={words.log.newMessages}>
        <span>{words.log.newMessages}</span>
      </div>
    )}
  </>
)

const tickFor = (item: TextItem, { delivered, me, read }: Props): Tick | undefined => {
  if (item.sender !== me || item.deleted === true) return undefined
  return item.waiting === true ? "pending" : tickOf(item.seq, { delivered, read })
}

export const ChunkView = memo((props: Props) => {
  const { active, chunk, conversation, flash, handlers, locked, me, reachable } = props
  const { box, emptyHeight, near } = useDrawn(props, active !== undefined)
  const names = useNames()
  const inGroup = conversation.kind === "group"

  // Of what is drawn, the quotes are wanted.
  const missing = !near || conversation.low === 0 ? [] : chunk.items.flatMap((item) => {
    const seq = item.kind === "text" ? item.reply_to : undefined
    return seq === undefined || seq >= conversation.low || conversation.quoted?.[seq] !== undefined ? [] : [seq]
  })
  useEffect(() => missing.forEach(handlers.quote), [missing.join(" ")])

  return (
    <div ref={box} class="chunk" style={{ height: emptyHeight }} data-chunk={chunk.key}>
      {emptyHeight === "" && chunk.items.map((item, index) => {
        const before = chunk.items[index - 1] ?? chunk.before
        const own = item.sender === me
        return (
          <Fragment key={item.seq}>
            <Separators item={item} before={before} firstNew={props.firstNew === item.seq} today={props.today} />
            {item.kind === "group"
              ? (
                <p class="event" data-seq={item.seq} tabIndex={reachable === item.seq ? 0 : -1}>
                  <span dir="auto">{describeChange(item.sender, item.change, me, names.within)}</span>
                  <time dateTime={new Date(item.at).toISOString()}>{timeOf(item.at)}</time>
                </p>
              )
              : (
                <MessageView
                  item={item}
                  me={me}
                  close={isClose(before, item)}
                  readers={inGroup && own && active === item.seq ? readersOf(conversation, item.seq, me) : undefined}
                  named={inGroup && !own}
                  tick={tickFor(item, props)}
                  {...quoteOf(conversation, item.reply_to, me, names)}
                  active={active === item.seq}
                  reachable={reachable === item.seq}
                  flash={flash === item.seq}
                  locked={locked}
                  handlers={handlers}
                />
              )}
          </Fragment>
        )
      })}
    </div>
  )
}, same)
