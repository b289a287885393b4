/** One conversation: its header, its log and where one writes. */
import type { RefObject } from "preact"
import { useEffect, useMemo, useRef, useState } from "preact/hooks"
import { usualTextBytes } from "../../domain/Limit.ts"
import type { Conversation, Draft, TextItem } from "../state/model.ts"
import { chunkKeyOf, itemsWith, manages, mostUnread } from "../state/selectors.ts"
import { trayOf } from "../state/uploads.ts"
import { words } from "../words/index.ts"
import { ChatHeader } from "./ChatHeader.tsx"
import { classes } from "./classes.ts"
import { Composer } from "./Composer.tsx"
import { usePicking } from "./emoji/picking.tsx"
import { useDrop } from "./files/receive.ts"
import { useViewer } from "./files/viewer.tsx"
import type { MessageHandlers, SignedIn } from "./handlers.ts"
import { useStable } from "./hooks.ts"
import { Log } from "./Log.tsx"
import { Name, useNames } from "./people/names.tsx"
import { Stranger } from "./people/Stranger.tsx"

interface Props extends SignedIn {
  readonly conversation: Conversation
  readonly narrow: boolean
  readonly draft: Draft
  readonly onDraft: (draft: Draft) => void
  readonly onBack: () => void
  /** Closes it, also beside the list. */
  readonly onLeave: () => void
  /** Goes to another one. */
  readonly onOpen: (id: string) => void
  readonly onDetails: () => void
  readonly onSearch: () => void
  readonly onGallery: () => void
  /** Where somebody came to look, as from a search. */
  readonly place: Place | undefined
  /** They are on their way there. */
  readonly onPlaced: () => void
}

export interface Place {
  readonly conversation: string
  readonly seq: number
}

const flashMillis = 1_600

/** The conversation as it will be when what the user did to its messages has arrived. */
const useChanged = ({ conversation, state: { changes, me } }: Props): Conversation =>
  useMemo(() => {
    const own = changes.filter((each) => each.conversation === conversation.id)
    return own.length === 0 ? conversation : { ...conversation, items: itemsWith(conversation.items, own, me) }
  }, [conversation, changes])

/** Goes to a message, wherever it is, and has it flash. */
const useJump = ({ conversation: { id }, onPlaced, place, session }: Props, main: RefObject<HTMLElement | null>) => {
  const [flash, setFlash] = useState<number>()
  const jump = useStable(async (seq: number) => {
    if (!await session.loadPlace(id, seq)) return
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
  useEffect(() => {
    if (place?.conversation !== id) return
    void jump(place.seq)
    onPlaced()
  }, [place])
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
    <span>{words.composer.blocked(<Name user={user} />)}</span>
    <button type="button" class="link" onClick={onUnblock}>{words.details.unblock}</button>
  </div>
)

const lastOwn = ({ items }: Conversation, me: string): TextItem | undefined =>
  items.findLast((item): item is TextItem => item.kind === "text" && item.sender === me && item.deleted !== true)

const DropHere = () => (
  <p class="drop" aria-hidden="true">
    <span>{words.composer.drop}</span>
  </p>
)

export const ConversationView = (props: Props) => {
  const { draft, narrow, onBack, onDraft, session, state } = props
  const conversation = useChanged(props)
  const { gone, id, kind, with: peer } = conversation
  const name = useNames().titleOf(conversation)
  const main = useRef<HTMLElement>(null)
  const { flash, jump } = useJump(props, main)
  useUnread(props)
  const blocked = kind === "direct" && state.blocked.includes(peer)
  const locked = blocked || gone
  const latest = useRef(conversation)
  latest.current = conversation
  const { view, viewer } = useViewer({ conversation, session })
  const onFiles = (files: ReadonlyArray<File>) => {
    session.addFiles(conversation, files)
    main.current?.querySelector("textarea")?.focus()
  }
  const { listeners, over } = useDrop(!locked, onFiles)

  const reply = useStable((item: TextItem) =>
    onDraft({ text: draft.editing === undefined ? draft.text : "", replying: item })
  )
  const edit = useStable((item: TextItem) => onDraft({ text: item.text, editing: item }))
  const { choose, picker } = usePicking({
    ...props,
    main,
    onReact: ({ seq }, emoji) => session.change(latest.current, seq, { kind: "react", emoji, remove: false })
  })
  const chooseEmoji = useStable(choose)
  const handlers: MessageHandlers = useMemo(() => ({
    jump: (seq) => void jump(seq),
    quote: (seq) => session.loadQuote(id, seq),
    view,
    renew: (seq) => session.renew(id, seq),
    ownPicture: session.ownPicture,
    reply,
    edit,
    mayRemove: ({ sender }) => sender === session.me || manages(latest.current, session.me),
    report: ({ seq }, reason) => void session.report(latest.current, seq, reason),
    remove: ({ seq }) => session.change(latest.current, seq, { kind: "delete" }),
    chooseEmoji,
    react: ({ seq }, emoji, remove) => session.change(latest.current, seq, { kind: "react", emoji, remove })
  }), [session, id])

  const tray = trayOf(state, id)
  const submit = ({ editing, replying, text }: Draft) => {
    if (editing !== undefined) {
      if (text !== editing.text) session.change(conversation, editing.seq, { kind: "edit", text })
    } else {
      const say = tray.length > 0 ? session.sendFiles : session.send
      if (!say(conversation, text, replying?.seq)) return
      void session.loadLatest(id)
    }
    onDraft({ text: "" })
  }
  const last = lastOwn(conversation, state.me)

  return (
    <main
      class={classes({ conversation: true, over })}
      ref={main}
      aria-label={words.log.conversation(name)}
      {...listeners}
    >
      <ChatHeader {...props} conversation={conversation} />
      <Log
        {...props}
        conversation={conversation}
        locked={locked}
        flash={flash}
        handlers={handlers}
        onLeave={() => main.current?.querySelector("textarea")?.focus()}
      />
      <Stranger {...props} conversation={conversation} />
      {blocked && <Blocked user={peer} onUnblock={() => void session.setBlocked(peer, false)} />}
      {gone && <div class="locked" role="status">{words.composer.gone}</div>}
      {!locked && (
        <Composer
          conversation={conversation}
          me={state.me}
          name={name}
          draft={draft}
          tray={tray}
          session={session}
          onFiles={onFiles}
          maxBytes={state.link._tag === "Ready" ? state.link.welcome.limits.text_bytes : usualTextBytes}
          autoFocus={!narrow}
          onDraft={onDraft}
          onSubmit={submit}
          onEditLast={() => last && edit(last)}
          onTyping={(active) => session.typing(conversation, active)}
          onEscape={onBack}
          onEmoji={() => choose()}
        />
      )}
      {over && <DropHere />}
      {viewer}
      {picker}
    </main>
  )
}
