/**
 * One stretch of a conversation. Far from what one looks at it is an empty box of the height that it had, so that a
 * long conversation costs no more than a short one.
 */
import { useLayoutEffect, useRef, useState } from "preact/hooks"
import { itemAt } from "../state/log.ts"
import type { Conversation, Item } from "../state/model.ts"
import { type Chunk, readersOf, tickOf } from "../state/selectors.ts"
import { describeChange } from "../text/describe.ts"
import { dayName, dayOf, timeOf } from "../text/time.ts"
import type { MessageHandlers, Quote } from "./handlers.ts"
import { memo } from "./hooks.ts"
import { MessageView } from "./MessageView.tsx"

/** Tells a chunk whether it is near. Answers how to stop. */
export type Observe = (element: Element, onNear: (near: boolean) => void) => () => void

interface Props {
  readonly chunk: Chunk
  readonly conversation: Conversation
  readonly me: string
  /** Whose words are hidden from this user. */
  readonly blocked: ReadonlyArray<string>
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
  readonly observe: Observe
  /** Called when its height may have changed. */
  readonly onDrawn: () => void
}

const closeMillis = 5 * 60_000

/** Of a message that was never drawn. */
const usualHeight = 44

const isClose = (before: Item | undefined, item: Item): boolean =>
  before?.kind === "text" && before.sender === item.sender && item.at - before.at < closeMillis &&
  dayOf(before.at) === dayOf(item.at)

const quoteOf = (items: ReadonlyArray<Item>, seq: number | undefined): Quote | undefined => {
  const quoted = seq === undefined ? undefined : itemAt(items, seq)
  if (quoted?.kind !== "text") return undefined
  return { sender: quoted.sender, text: quoted.deleted === true ? "Message deleted" : quoted.text.slice(0, 160) }
}

const sameItems = (a: ReadonlyArray<Item>, b: ReadonlyArray<Item>): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index])

/** The conversation is only looked into for quotes; its other fields change all the time. */
const same = (a: Props, b: Props): boolean =>
  sameItems(a.chunk.items, b.chunk.items) && a.chunk.before === b.chunk.before && a.me === b.me &&
  a.delivered === b.delivered && a.read === b.read && a.active === b.active && a.reachable === b.reachable &&
  a.flash === b.flash && a.firstNew === b.firstNew && a.blocked === b.blocked &&
  a.locked === b.locked && a.today === b.today && a.handlers === b.handlers &&
  (a.active === undefined || a.conversation.positions === b.conversation.positions) &&
  (a.conversation.items === b.conversation.items ||
    !a.chunk.items.some((item) => item.kind === "text" && item.replyTo !== undefined))

/** Two quotes with the same words are the same quote, so that a message that has one is not drawn again. */
const useQuotes = () => {
  const known = useRef(new Map<number, Quote>()).current
  return (seq: number, quote: Quote | undefined): Quote | undefined => {
    const before = known.get(seq)
    if (quote === undefined || (before?.text === quote.text && before.sender === quote.sender)) return before
    known.set(seq, quote)
    return quote
  }
}

export const ChunkView = memo((props: Props) => {
  const {
    active,
    blocked,
    chunk,
    conversation,
    delivered,
    firstNew,
    flash,
    handlers,
    locked,
    me,
    observe,
    onDrawn,
    reachable,
    read,
    today
  } = props
  const box = useRef<HTMLDivElement>(null)
  const height = useRef<number | undefined>(undefined)
  const [near, setNear] = useState(props.drawn)
  const stableQuote = useQuotes()
  const drawn = useRef(near)

  useLayoutEffect(() =>
    observe(box.current!, (isNear) => {
      // Only what is drawn has a height of its own.
      if (!isNear && drawn.current && box.current !== null) height.current = box.current.getBoundingClientRect().height
      setNear(isNear)
    }), [observe])
  useLayoutEffect(onDrawn, [near])

  drawn.current = near || active !== undefined
  if (!drawn.current) {
    return (
      <div
        ref={box}
        class="chunk"
        style={{ height: `${height.current ?? chunk.items.length * usualHeight}px` }}
        data-chunk={chunk.key}
      />
    )
  }
  return (
    <div ref={box} class="chunk" style={{ height: "" }} data-chunk={chunk.key}>
      {chunk.items.flatMap((item, index) => {
        const before = chunk.items[index - 1] ?? chunk.before
        const newDay = before === undefined || dayOf(before.at) !== dayOf(item.at)
        return [
          newDay && (
            <div key={`day ${item.seq}`} class="day" role="separator">
              <span>{dayName(item.at, today)}</span>
            </div>
          ),
          firstNew === item.seq && (
            <div key="new" class="new-line" role="separator" aria-label="New messages">
              <span>New messages</span>
            </div>
          ),
          item.kind === "group"
            ? (
              <p key={item.seq} class="event" data-seq={item.seq} tabIndex={reachable === item.seq ? 0 : -1}>
                <span dir="auto">{describeChange(item.sender, item.change, me)}</span>
                <time dateTime={new Date(item.at).toISOString()}>{timeOf(item.at)}</time>
              </p>
            )
            : (
              <MessageView
                key={item.seq}
                item={item}
                me={me}
                close={isClose(before, item)}
                readers={conversation.kind === "group" && item.sender === me && active === item.seq
                  ? readersOf(conversation, item.seq, me)
                  : undefined}
                named={conversation.kind === "group" && item.sender !== me}
                tick={item.sender === me && item.deleted !== true
                  ? item.waiting === true ? "pending" : tickOf(item.seq, { delivered, read })
                  : undefined}
                quote={stableQuote(item.seq, quoteOf(conversation.items, item.replyTo))}
                active={active === item.seq}
                reachable={reachable === item.seq}
                flash={flash === item.seq}
                hidden={item.deleted === true && blocked.includes(item.sender)}
                locked={locked}
                handlers={handlers}
              />
            )
        ]
      })}
    </div>
  )
}, same)
