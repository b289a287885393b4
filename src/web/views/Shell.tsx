/** The page of somebody who is signed in: the list, the conversation beside it, and what lies over them. */
import { useEffect, useRef, useState } from "preact/hooks"
import { dropInvite, takeInvite } from "../app/invites.ts"
import type { Session } from "../app/session.ts"
import { lookUp } from "../state/lookUp.ts"
import type { Draft, State } from "../state/model.ts"
import { namesOf } from "../state/names.ts"
import { words } from "../words/index.ts"
import { useAddress } from "./address.ts"
import { Banner } from "./Banner.tsx"
import { classes } from "./classes.ts"
import { ConversationView, type Place } from "./ConversationView.tsx"
import { useNoDrop } from "./files/receive.ts"
import { First } from "./First.tsx"
import { childrenOf, useFocus } from "./focus.ts"
import { JoinDialog } from "./groups/JoinDialog.tsx"
import { useMedia, useNow, useStable, useStore } from "./hooks.ts"
import { Notices } from "./Notices.tsx"
import { Offers } from "./notify/Offers.tsx"
import { useOpening, useTitle } from "./notify/useAttention.ts"
import { OpenIdBanner } from "./OpenIdBanner.tsx"
import { type Asked, type Dialog, Over } from "./Over.tsx"
import { WithNames } from "./people/names.tsx"
import { Sidebar } from "./Sidebar.tsx"
import { TokenBanner } from "./TokenBanner.tsx"

interface Props {
  readonly session: Session
  readonly onSignOut: () => void
  readonly onAgain: () => void
  readonly onToken: (token: string) => Promise<void>
  /** Goes to the provider to sign in again, where there is one. */
  readonly onProvider?: (() => Promise<void>) | undefined
}

const noDraft: Draft = { text: "" }

/** What is being written in each conversation, kept for the next time too. */
const useDrafts = (session: Session) => {
  const [drafts, setDrafts] = useState<Readonly<Record<string, Draft>>>({})
  return {
    draftOf: (id: string): Draft => lookUp(drafts, id) ?? session.draftOf(id) ?? noDraft,
    keep: (id: string, draft: Draft) => {
      session.keepDraft(id, draft)
      setDrafts((before) => ({ ...before, [id]: draft }))
    }
  }
}

/** A link into a group that was opened, in this tab or a moment ago, before one had signed in. */
const useInvite = () => {
  const [invite, setInvite] = useState(takeInvite)
  useEffect(() => {
    const look = () => setInvite(takeInvite())
    addEventListener("hashchange", look)
    return () => removeEventListener("hashchange", look)
  }, [])
  return {
    invite,
    forgetInvite: () => {
      dropInvite()
      setInvite(undefined)
    }
  }
}

/** Ctrl or Cmd and K, as elsewhere. */
const useShortcut = (onSearch: () => void) => {
  const latest = useRef(onSearch)
  latest.current = onSearch
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return
      event.preventDefault()
      if (document.querySelector("dialog[open]") === null) latest.current()
    }
    addEventListener("keydown", onKeyDown)
    return () => removeEventListener("keydown", onKeyDown)
  }, [])
}

const focusList = () => {
  const rows = childrenOf(document, "button.row")
  const place = rows.find((row) => row.getAttribute("aria-current") === "true") ?? rows[0]
  place?.focus()
}

const Nothing = ({ onWrite, state }: { readonly state: State; readonly onWrite: () => void }) => (
  <main class="nothing" aria-label={words.first.noneOpen}>
    {state.listed && Object.keys(state.conversations).length === 0
      ? <First me={state.me} onWrite={onWrite} />
      : <p>{words.first.choose}</p>}
  </main>
)

/** For screen readers. */
const Heard = ({ heard }: Pick<State, "heard">) => (
  <div class="heard" role="log" aria-live="polite" aria-label={words.log.newMessages}>
    {heard.map(({ key, text }) => <p key={key}>{text}</p>)}
  </div>
)

export const Shell = ({ onAgain, onProvider, onSignOut, onToken, session }: Props) => {
  const state = useStore(session.store)
  const now = useNow()
  const narrow = useMedia("(max-width: 699px)")
  const [over, setOver] = useState<Dialog>()
  const { draftOf, keep } = useDrafts(session)
  const [place, setPlace] = useState<Place>()
  const go = useAddress(session, setPlace)
  const openRow = useStable((id: string) => go(id))
  const [search, setSearch] = useState<Asked>()
  const conversation = state.open === undefined ? undefined : lookUp(state.conversations, state.open)
  useFocus(narrow, state.listed)
  useTitle(state, conversation && namesOf(state).titleOf(conversation), now)

  const back = () => {
    if (narrow) go(undefined)
    requestAnimationFrame(focusList)
  }
  const close = () => setOver(undefined)
  const find = (asked: Asked) => {
    setSearch(asked)
    setOver("search")
  }
  const goTo = (to: Place) => {
    close()
    setPlace(to)
    go(to.conversation, to.seq)
  }
  useOpening(session.attention, (to, seq) => {
    close()
    if (seq === undefined) go(to)
    else goTo({ conversation: to, seq })
  })
  const { forgetInvite, invite } = useInvite()
  useShortcut(() => find({}))
  useNoDrop()
  const common = { state, session, now }

  return (
    <WithNames {...common}>
      <div class={classes({ shell: true, "in-conversation": conversation !== undefined })}>
        {onProvider === undefined
          ? <TokenBanner access={state.access} onToken={onToken} />
          : <OpenIdBanner access={state.access} onToken={onToken} onSignIn={onProvider} />}
        {state.access._tag !== "Ended" && <Banner state={state} onAgain={onAgain} onNow={session.wake} />}
        <Offers attention={session.attention} />
        <div class="panes">
          <Sidebar
            {...common}
            onOpen={openRow}
            onNew={setOver}
            onSearch={(query) => find({ query })}
            onNotifications={() => setOver("notifications")}
            onSignOut={onSignOut}
            onProfile={() => setOver("profile")}
            alone={narrow && conversation === undefined}
          />
          {conversation === undefined
            ? !narrow && <Nothing state={state} onWrite={() => setOver("person")} />
            : (
              <ConversationView
                key={conversation.id}
                {...common}
                conversation={conversation}
                narrow={narrow}
                draft={draftOf(conversation.id)}
                onDraft={(draft) => keep(conversation.id, draft)}
                onBack={back}
                onLeave={() => go(undefined)}
                onOpen={openRow}
                onDetails={() => setOver("details")}
                onGallery={() => setOver("gallery")}
                onSearch={() => find({ conversation: conversation.id })}
                place={place}
                onPlaced={() => setPlace(undefined)}
              />
            )}
        </div>
        <Over
          {...common}
          over={over}
          search={search}
          conversation={conversation}
          onClose={close}
          onGo={goTo}
          onOpen={openRow}
        />
        {over === undefined && invite !== undefined && (
          <JoinDialog {...common} invite={invite} onClose={forgetInvite} onJoined={openRow} />
        )}
        {over === undefined && invite === undefined && <Notices {...common} onGo={goTo} />}
        <Heard heard={state.heard} />
      </div>
    </WithNames>
  )
}
