/** The messages of a conversation, scrolled to the end unless somebody reads further up. */
import type { RefObject, TargetedFocusEvent, TargetedPointerEvent } from "preact"
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks"
import type { Conversation } from "../state/model.ts"
import { chunksOf, firstNew, mostUnread, pendingIn, reached } from "../state/selectors.ts"
import { uploadsOf } from "../state/uploads.ts"
import { describeTyping } from "../text/describe.ts"
import { dayOf } from "../text/time.ts"
import { words } from "../words/index.ts"
import { ChunkView } from "./ChunkView.tsx"
import { childrenOf, moveFocus } from "./focus.ts"
import type { MessageHandlers, SignedIn } from "./handlers.ts"
import { Icon } from "./Icon.tsx"
import { PendingView } from "./PendingView.tsx"
import { useNames } from "./people/names.tsx"
import { type Hold, useHold } from "./scrolling.ts"

interface Props extends SignedIn {
  readonly conversation: Conversation
  readonly locked: boolean
  readonly flash: number | undefined
  readonly handlers: MessageHandlers
  readonly onLeave: () => void
}

/** Older messages are asked for before one comes to the top, and of an old part newer ones before the end. */
const nearTop = 900
const nearEnd = 900
/** A screen or two; where the others are is seen before they are drawn. */
const drawnAtOnce = 5

const seqOf = (target: EventTarget | null): number | undefined => {
  const element = target instanceof Element ? target.closest<HTMLElement>("[data-seq]") : null
  return element === null ? undefined : Number(element.dataset["seq"])
}

/** The log begins at what is new, shows what one says oneself, and is otherwise held still. */
const usePlace = (
  conversation: Conversation,
  waiting: number,
  isNew: number | undefined,
  scroller: RefObject<HTMLDivElement | null>,
  content: RefObject<HTMLDivElement | null>
): Hold => {
  const place = useHold(scroller, conversation.past === true)
  const begun = useRef(false)
  // Whoever comes back begins where they stopped.
  useLayoutEffect(() => {
    if (isNew === undefined || begun.current) return
    begun.current = true
    if (conversation.head - isNew > mostUnread) return
    const line = scroller.current?.querySelector(".new-line")
    if (line == null) return
    line.scrollIntoView({ block: "start" })
    place.look()
  }, [isNew])
  useLayoutEffect(() => {
    if (waiting > 0) place.toEnd()
  }, [waiting])
  useLayoutEffect(place.hold)
  useEffect(() => {
    const watcher = new ResizeObserver(place.hold)
    watcher.observe(scroller.current!)
    watcher.observe(content.current!)
    return () => watcher.disconnect()
  }, [])
  return place
}

/** The message with the toolbar, which is where the pointer or the focus is, and the one that the Tab key comes to. */
const useActive = (newest: number | undefined) => {
  const [active, setActive] = useState<number>()
  const [stop, setStop] = useState<number>()
  return {
    active,
    reachable: stop ?? newest,
    listeners: {
      onFocusCapture: (event: FocusEvent) => {
        setActive(seqOf(event.target))
        setStop(seqOf(event.target))
      },
      onBlurCapture: ({ currentTarget, relatedTarget }: TargetedFocusEvent<HTMLElement>) => {
        if (relatedTarget instanceof Node && !currentTarget.contains(relatedTarget)) setActive(undefined)
      },
      onPointerOver: ({ pointerType, target }: PointerEvent) => {
        if (pointerType === "mouse") setActive((before) => seqOf(target) ?? before)
      },
      onPointerLeave: ({ currentTarget, pointerType }: TargetedPointerEvent<HTMLElement>) => {
        if (pointerType === "mouse" && !currentTarget.contains(document.activeElement)) setActive(undefined)
      }
    }
  }
}

const Beginning = ({ hasMore, head, loading }: Conversation) => (
  <div class="log-top" aria-hidden={!loading}>
    {loading
      ? <span class="soft">{words.page.loading}</span>
      : !hasMore && head > 0 && <span class="soft">{words.log.beginning}</span>}
  </div>
)

const ToEnd = ({ onClick, unread }: { readonly unread: number; readonly onClick: () => void }) => (
  <button
    type="button"
    class="to-end"
    aria-label={unread > 0 ? words.log.toUnread(unread) : words.log.toLatest}
    onClick={onClick}
  >
    <Icon name="down" />
    {unread > 0 && <span class="badge" aria-hidden="true">{unread}</span>}
  </button>
)

export const Log = ({ conversation, flash, handlers, locked, now, onLeave, session, state }: Props) => {
  const { me } = state
  const names = useNames()
  const { hasMore, high, id, items, loading, low, past, unread } = conversation
  const scroller = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const [away, setAway] = useState(false)
  const pending = pendingIn(state, conversation.id)
  const chunks = useMemo(() => chunksOf(items), [items])
  const { delivered, read } = reached(conversation, me)
  const newest = items.at(-1)?.seq
  const isNew = firstNew(conversation, me)
  const { active, listeners, reachable } = useActive(newest)
  const { atEnd, hold, look, toEnd } = usePlace(conversation, pending.length, isNew, scroller, content)

  const attend = () => {
    const log = scroller.current
    if (log === null) return
    const left = log.scrollHeight - log.scrollTop - log.clientHeight
    setAway(left > log.clientHeight)
    if (log.scrollTop < nearTop) void session.loadOlder(id)
    if (past === true && left < nearEnd) void session.loadNewer(id)
    if (atEnd() && document.visibilityState === "visible") session.markRead(conversation)
  }
  useEffect(attend, [newest, low, high, loading, hasMore, unread])
  const latest = async () => {
    await session.loadLatest(id)
    requestAnimationFrame(toEnd)
  }
  useEffect(() => {
    document.addEventListener("visibilitychange", attend)
    return () => document.removeEventListener("visibilitychange", attend)
  })

  return (
    <div class="log-frame">
      <div
        ref={scroller}
        class="log"
        role="log"
        aria-live="off"
        aria-label={words.log.label}
        tabIndex={0}
        onScroll={() => {
          look()
          attend()
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape") onLeave()
          else if (seqOf(event.target) !== undefined) moveFocus(event, childrenOf(scroller.current, "[data-seq]"))
        }}
        {...listeners}
      >
        <div ref={content} class="log-content">
          <Beginning {...conversation} />
          {chunks.map((chunk, index) => {
            const ifHere = (seq: number | undefined) => chunk.items.some((item) => item.seq === seq) ? seq : undefined
            return (
              <ChunkView
                key={chunk.key}
                chunk={chunk}
                conversation={conversation}
                me={me}
                delivered={delivered}
                read={read}
                active={ifHere(active)}
                reachable={ifHere(reachable)}
                flash={ifHere(flash)}
                firstNew={ifHere(isNew)}
                locked={locked}
                today={dayOf(now)}
                handlers={handlers}
                drawn={index >= chunks.length - drawnAtOnce || ifHere(isNew) !== undefined}
                onDrawn={hold}
              />
            )
          })}
          {past !== true &&
            pending.map((each) => (
              <PendingView key={each.id} pending={each} uploads={uploadsOf(state, each.id)} session={session} />
            ))}
          <p class="typing" aria-live="polite">{describeTyping(conversation.typing, names.within)}</p>
        </div>
      </div>
      {(away || past === true) && <ToEnd unread={unread} onClick={() => void latest()} />}
    </div>
  )
}
