/** The messages of a conversation, scrolled to the end unless somebody reads further up. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks"
import type { Conversation, Pending } from "../state/model.ts"
import { chunksOf, firstNew, mostUnread, reached } from "../state/selectors.ts"
import { dayOf } from "../text/time.ts"
import { ChunkView } from "./ChunkView.tsx"
import type { MessageHandlers } from "./handlers.ts"
import { Icon } from "./Icon.tsx"
import { PendingView } from "./PendingView.tsx"
import { useHold, useNearness } from "./scrolling.ts"

interface Props {
  readonly conversation: Conversation
  readonly pending: ReadonlyArray<Pending>
  readonly me: string
  readonly now: number
  readonly locked: boolean
  readonly flash: number | undefined
  readonly typing: string
  readonly handlers: MessageHandlers
  readonly onOlder: () => void
  readonly onRead: () => void
  readonly onLeave: () => void
  readonly onSendAgain: (pending: Pending) => void
  readonly onDiscard: (pending: Pending) => void
}

/** Older messages are asked for before one comes to the top. */
const nearTop = 900
/** A screen or two; where the others are is seen before they are drawn. */
const drawnAtOnce = 5

const seqOf = (target: EventTarget | null): number | undefined => {
  const element = target instanceof Element ? target.closest<HTMLElement>("[data-seq]") : null
  return element === null ? undefined : Number(element.dataset["seq"])
}

export const Log = (props: Props) => {
  const { conversation, flash, handlers, locked, me, now, onLeave, onOlder, onRead, pending, typing } = props
  const scroller = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const [away, setAway] = useState(false)
  const [active, setActive] = useState<number>()
  /** Where the Tab key comes to; the arrow keys move it. */
  const [stop, setStop] = useState<number>()
  const observe = useNearness(scroller)
  const { atEnd, hold, look, toEnd } = useHold(scroller)
  const chunks = useMemo(() => chunksOf(conversation.items), [conversation.items])
  const { delivered, read } = reached(conversation, me)
  const newest = conversation.items.at(-1)?.seq
  const reachable = stop ?? newest
  const isNew = firstNew(conversation, me)

  // Whoever comes back begins where they stopped.
  const begun = useRef(false)
  useLayoutEffect(() => {
    if (isNew === undefined || begun.current) return
    begun.current = true
    if (conversation.head - isNew > mostUnread) return
    const line = scroller.current?.querySelector(".new-line")
    if (line === null || line === undefined) return
    line.scrollIntoView({ block: "start" })
    look()
  }, [isNew])
  // What one says oneself is always shown.
  useLayoutEffect(() => {
    if (pending.length > 0) toEnd()
  }, [pending.length])
  useLayoutEffect(hold)
  useEffect(() => {
    const watcher = new ResizeObserver(hold)
    watcher.observe(scroller.current!)
    watcher.observe(content.current!)
    return () => watcher.disconnect()
  }, [])

  const attend = () => {
    const log = scroller.current
    if (log === null) return
    setAway(log.scrollHeight - log.scrollTop - log.clientHeight > log.clientHeight)
    if (log.scrollTop < nearTop) onOlder()
    if (atEnd()) onRead()
  }
  const onScroll = () => {
    look()
    attend()
  }
  useEffect(attend, [newest, conversation.low, conversation.loading, conversation.hasMore, conversation.unread])
  useEffect(() => {
    document.addEventListener("visibilitychange", attend)
    return () => document.removeEventListener("visibilitychange", attend)
  })

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") return onLeave()
    const step = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity }[event.key]
    const seq = seqOf(event.target)
    if (step === undefined || seq === undefined) return
    const all = Array.from(scroller.current!.querySelectorAll<HTMLElement>("[data-seq]"))
    const index = all.findIndex((element) => Number(element.dataset["seq"]) === seq)
    const next = all[Math.max(0, Math.min(all.length - 1, index + step))]
    event.preventDefault()
    next?.focus()
  }

  return (
    <div class="log-frame">
      <div
        ref={scroller}
        class="log"
        role="log"
        aria-live="off"
        aria-label="Messages"
        tabIndex={0}
        onScroll={onScroll}
        onKeyDown={onKeyDown}
        onFocusCapture={(event) => {
          setActive(seqOf(event.target))
          setStop(seqOf(event.target))
        }}
        onBlurCapture={(event) => {
          const to = event.relatedTarget
          if (to instanceof Node && !event.currentTarget.contains(to)) setActive(undefined)
        }}
        onPointerOver={(event) => event.pointerType === "mouse" && setActive(seqOf(event.target) ?? active)}
        onPointerLeave={(event) => {
          if (event.pointerType === "mouse" && !event.currentTarget.contains(document.activeElement)) {
            setActive(undefined)
          }
        }}
      >
        <div ref={content} class="log-content">
          <div class="log-top" aria-hidden={!conversation.loading}>
            {conversation.loading && <span class="soft">Loading…</span>}
            {!conversation.loading && !conversation.hasMore && conversation.head > 0 && (
              <span class="soft">This is where it began</span>
            )}
          </div>
          {chunks.map((chunk, index) => (
            <ChunkView
              key={chunk.key}
              chunk={chunk}
              conversation={conversation}
              me={me}
              delivered={delivered}
              read={read}
              active={chunk.items.some(({ seq }) => seq === active) ? active : undefined}
              reachable={chunk.items.some(({ seq }) => seq === reachable) ? reachable : undefined}
              flash={chunk.items.some(({ seq }) => seq === flash) ? flash : undefined}
              firstNew={chunk.items.some(({ seq }) => seq === isNew) ? isNew : undefined}
              locked={locked}
              today={dayOf(now)}
              handlers={handlers}
              drawn={index >= chunks.length - drawnAtOnce || chunk.items.some(({ seq }) => seq === isNew)}
              observe={observe}
              onDrawn={hold}
            />
          ))}
          {pending.map((each) => (
            <PendingView key={each.id} pending={each} onSendAgain={props.onSendAgain} onDiscard={props.onDiscard} />
          ))}
          <p class="typing" aria-live="polite">{typing}</p>
        </div>
      </div>
      {away && (
        <button
          type="button"
          class="to-end"
          aria-label={conversation.unread > 0
            ? `To the latest, ${conversation.unread} unread`
            : "To the latest message"}
          onClick={toEnd}
        >
          <Icon name="down" />
          {conversation.unread > 0 && <span class="badge" aria-hidden="true">{conversation.unread}</span>}
        </button>
      )}
    </div>
  )
}
