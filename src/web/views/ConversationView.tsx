/** One conversation: its header, its log and where one writes. */
import type { RefObject } from "preact"
import { useEffect, useMemo, useRef, useState } from "preact/hooks"
import { usualTextBytes } from "../../domain/Limit.ts"
import type { Conversation, Draft, TextItem } from "../state/model.ts"
import { chunkKeyOf, itemsWith, mostUnread } from "../state/selectors.ts"
import { ChatHeader } from "./ChatHeader.tsx"
import { Composer } from "./Composer.tsx"
import type { MessageHandlers, SignedIn } from "./handlers.ts"
import { useStable } from "./hooks.ts"
import { Log } from "./Log.tsx"

interface Props extends SignedIn {
  readonly conversation: Conversation
  readonly narrow: boolean
  readonly draft: Draft
  readonly onDraft: (draft: Draft) => void
  readonly onBack: () => void
  readonly onDetails: () => void
}

const flashMillis = 1_600

/** The conversation as it will be when what the user did to its messages has arrived. */
const useChanged = ({ conversation, state: { changes, me } }: Props): Conversation =>
  useMemo(() => {
    const own = changes.filter((each) => each.conversation === conversation.id)
    return own.length === 0 ? conversation : { ...conversation, items: itemsWith(conversation.items, own, me) }
  }, [conversation, changes])

/** Goes to a message, wherever it is, and has it flash. */
const useJump = ({ conversation: { id }, session }: Props, main: RefObject<HTMLElement | null>) => {
  const [flash, setFlash] = useState<number>()
  const jump = useStable(async (seq: number) => {
    if (!await session.loadUntil(id, seq)) return
    const find = (selector: string) => main.current?.querySelector<HTMLElement>(selector)
    const message = () => find(`[data-seq="${seq}"]`)
    const show = (element: HTMLElement | null | undefined) => element?.scrollIntoView({ block: "center" })
    requestAnimationFrame(() => {
      setFlash(seq)
      show(message() ?? find(`[data-chunk="${chunkKeyOf(seq)}"]`))
      // A chunk that was far away is drawn now that it is near.
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          show(message())
          message()?.focus({ preventScroll: true })
        })
      )
      setTimeout(() => setFlash(undefined), flashMillis)
    })
  })
  return { flash, jump }
}

/** As far back as somebody will read; of more, the latest is of more use. */
const useUnread = ({ conversation: { id, low, newAfter }, session }: Props) =>
  useEffect(() => {
    if (newAfter === undefined || low === 0 || low <= newAfter + 1 || low - newAfter > mostUnread) return
    void session.loadUntil(id, newAfter + 1)
  }, [id, newAfter, low > 0])

const Blocked = ({ onUnblock, user }: { readonly user: string; readonly onUnblock: () => void }) => (
  <div class="locked" role="status">
    <span>
      You blocked <bdi>{user}</bdi>.
    </span>
    <button type="button" class="link" onClick={onUnblock}>Unblock</button>
  </div>
)

export const ConversationView = (props: Props) => {
  const { draft, narrow, onBack, onDraft, session, state } = props
  const conversation = useChanged(props)
  const { gone, id, kind, name, with: peer } = conversation
  const main = useRef<HTMLElement>(null)
  const { flash, jump } = useJump(props, main)
  useUnread(props)
  const blocked = kind === "direct" && state.blocked.includes(peer)
  const locked = blocked || gone
  const latest = useRef(conversation)
  latest.current = conversation

  const reply = useStable((item: TextItem) =>
    onDraft({ text: draft.editing === undefined ? draft.text : "", replying: item })
  )
  const edit = useStable((item: TextItem) => onDraft({ text: item.text, editing: item }))
  const handlers: MessageHandlers = useMemo(() => ({
    jump: (seq) => void jump(seq),
    quote: (seq) => session.loadQuote(id, seq),
    reply,
    edit,
    remove: ({ seq }) => session.change(latest.current, seq, { kind: "delete" }),
    react: ({ seq }, emoji, remove) => session.change(latest.current, seq, { kind: "react", emoji, remove })
  }), [session, id])

  const submit = ({ editing, replying, text }: Draft) => {
    if (editing !== undefined) {
      if (text !== editing.text) session.change(conversation, editing.seq, { kind: "edit", text })
    } else if (!session.send(conversation, text, replying?.seq)) return
    onDraft({ text: "" })
  }
  const editLast = () => {
    const last = conversation.items.findLast((item) =>
      item.kind === "text" && item.sender === state.me && item.deleted !== true
    )
    if (last?.kind === "text") edit(last)
  }

  return (
    <main class="conversation" ref={main} aria-label={`Conversation with ${name}`}>
      <ChatHeader {...props} conversation={conversation} />
      <Log
        {...props}
        conversation={conversation}
        locked={locked}
        flash={flash}
        handlers={handlers}
        onLeave={() => main.current?.querySelector("textarea")?.focus()}
      />
      {blocked && <Blocked user={peer} onUnblock={() => void session.setBlocked(peer, false)} />}
      {gone && <div class="locked" role="status">You are no longer in this group.</div>}
      {!locked && (
        <Composer
          name={name}
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
