/** One conversation: its header, its log and where one writes. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks"
import type { Session } from "../app/session.ts"
import type { Conversation, Draft, State, TextItem } from "../state/model.ts"
import { chunkKeyOf, itemsWith, mostUnread, pendingIn } from "../state/selectors.ts"
import { describeTyping } from "../text/describe.ts"
import { ChatHeader } from "./ChatHeader.tsx"
import { Composer } from "./Composer.tsx"
import type { MessageHandlers } from "./handlers.ts"
import { useStable } from "./hooks.ts"
import { Log } from "./Log.tsx"

interface Props {
  readonly conversation: Conversation
  readonly state: State
  readonly session: Session
  readonly now: number
  readonly narrow: boolean
  readonly draft: Draft
  readonly onDraft: (draft: Draft) => void
  readonly onBack: () => void
  readonly onDetails: () => void
}

const flashMillis = 1_600

/** The default of the server, until its `welcome` says what holds. */
const usualTextBytes = 16_384

export const ConversationView = (props: Props) => {
  const { draft, narrow, now, onBack, onDetails, onDraft, session, state } = props
  const { id } = props.conversation
  const changes = state.changes.filter((each) => each.conversation === id)
  const conversation = useMemo(
    () =>
      changes.length === 0
        ? props.conversation
        : { ...props.conversation, items: itemsWith(props.conversation.items, changes, state.me) },
    [props.conversation, state.changes]
  )
  const main = useRef<HTMLElement>(null)
  const [flash, setFlash] = useState<number>()
  const blocked = conversation.kind === "direct" && state.blocked.includes(conversation.with)
  const locked = blocked || conversation.gone
  const latest = useRef(conversation)
  latest.current = conversation

  const { low, newAfter } = conversation
  useEffect(() => {
    // As far back as somebody will read; of more, the latest is of more use.
    if (newAfter === undefined || low === 0 || low <= newAfter + 1 || low - newAfter > mostUnread) return
    void session.loadUntil(id, newAfter + 1)
  }, [id, newAfter, low > 0])

  const focusField = () => main.current?.querySelector("textarea")?.focus()

  const jump = useStable(async (seq: number) => {
    if (!await session.loadUntil(id, seq)) return
    requestAnimationFrame(() => {
      setFlash(seq)
      const find = () => main.current?.querySelector<HTMLElement>(`[data-seq="${seq}"]`)
      const chunk = main.current?.querySelector(`[data-chunk="${chunkKeyOf(seq)}"]`)
      const target = find() ?? chunk
      target?.scrollIntoView({ block: "center" })
      // A chunk that was far away is drawn now that it is near.
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          find()?.scrollIntoView({ block: "center" })
          find()?.focus({ preventScroll: true })
        })
      )
      setTimeout(() => setFlash(undefined), flashMillis)
    })
  })
  const reply = useStable((item: TextItem) =>
    onDraft({ text: draft.editing === undefined ? draft.text : "", replying: item })
  )
  const edit = useStable((item: TextItem) => onDraft({ text: item.text, editing: item }))
  const handlers: MessageHandlers = useMemo(() => ({
    jump: (seq) => void jump(seq),
    quote: (seq) => session.loadQuote(id, seq),
    reply,
    edit,
    remove: (item) => session.remove(latest.current, item.seq),
    react: (item, emoji, remove) => session.react(latest.current, item.seq, emoji, remove)
  }), [session, id])

  const submit = ({ editing, replying, text }: Draft) => {
    if (editing !== undefined) {
      if (text !== editing.text) session.edit(conversation, editing.seq, text)
    } else if (!session.send(conversation, text, replying?.seq)) return
    onDraft({ text: "" })
  }
  const editLast = () => {
    const last = conversation.items.findLast((item): item is TextItem =>
      item.kind === "text" && item.sender === state.me && item.deleted !== true
    )
    if (last !== undefined) edit(last)
  }

  return (
    <main class="conversation" ref={main} aria-label={`Conversation with ${conversation.name}`}>
      <ChatHeader
        conversation={conversation}
        narrow={narrow}
        presence={state.presence}
        me={state.me}
        now={now}
        onBack={onBack}
        onDetails={onDetails}
      />
      <Log
        key={id}
        conversation={conversation}
        pending={pendingIn(state, id)}
        me={state.me}
        now={now}
        locked={locked}
        flash={flash}
        typing={describeTyping(conversation.typing)}
        handlers={handlers}
        onOlder={() => void session.loadOlder(id)}
        onRead={() => document.visibilityState === "visible" && session.markRead(conversation)}
        onLeave={focusField}
        onSendAgain={session.sendAgain}
        onDiscard={session.discard}
      />
      {blocked && (
        <div class="locked" role="status">
          <span>
            You blocked <bdi>{conversation.with}</bdi>.
          </span>
          <button type="button" class="link" onClick={() => void session.setBlocked(conversation.with, false)}>
            Unblock
          </button>
        </div>
      )}
      {conversation.gone && <div class="locked" role="status">You are no longer in this group.</div>}
      {!locked && (
        <Composer
          key={`composer ${id}`}
          conversation={id}
          name={conversation.name}
          draft={draft}
          maxBytes={state.link._tag === "Ready" ? state.link.welcome.limits.text_bytes : usualTextBytes}
          autoFocus={!narrow}
          onDraft={onDraft}
          onSubmit={submit}
          onEditLast={editLast}
          onTyping={(active) => session.typing(conversation, active)}
          onEscape={onBack}
        />
      )}
    </main>
  )
}
