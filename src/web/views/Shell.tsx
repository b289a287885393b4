/** The page of somebody who is signed in: the list, the conversation beside it, and what lies over them. */
import { useEffect, useState } from "preact/hooks"
import type { Session } from "../app/session.ts"
import { lookUp } from "../state/lookUp.ts"
import type { Draft } from "../state/model.ts"
import { unreadTotal } from "../state/selectors.ts"
import { Banner } from "./Banner.tsx"
import { classes } from "./classes.ts"
import { ConversationView } from "./ConversationView.tsx"
import { Details } from "./Details.tsx"
import { First } from "./First.tsx"
import { childrenOf, useFocus } from "./focus.ts"
import { useMedia, useNow, useStable, useStore } from "./hooks.ts"
import { NewConversation } from "./NewConversation.tsx"
import { Notices } from "./Notices.tsx"
import { Sidebar } from "./Sidebar.tsx"
import { TokenBanner } from "./TokenBanner.tsx"

interface Props {
  readonly session: Session
  readonly onSignOut: () => void
  readonly onAgain: () => void
  readonly onToken: (token: string) => Promise<void>
}

const addressOf = (id: string | undefined): string => id === undefined ? "#" : `#/c/${encodeURIComponent(id)}`

/** The conversation that the address names, so that reload, back and links work. */
const opened = (): string | undefined => {
  const match = /^#\/c\/(.+)$/.exec(location.hash)
  try {
    return match === null ? undefined : decodeURIComponent(match[1]!)
  } catch {
    return undefined
  }
}

const useAddress = (session: Session): (id: string | undefined) => void => {
  useEffect(() => {
    const follow = () => session.open(opened())
    follow()
    addEventListener("popstate", follow)
    return () => removeEventListener("popstate", follow)
  }, [session])
  return (id) => {
    if (addressOf(id) !== (location.hash === "" ? "#" : location.hash)) history.pushState(null, "", addressOf(id))
    session.open(id)
  }
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

const useTitle = (unread: number, name: string | undefined) =>
  useEffect(() => {
    document.title = `${unread > 0 ? `(${unread}) ` : ""}${name === undefined ? "" : `${name} · `}Switchboard`
  }, [unread, name])

const focusList = () => {
  const rows = childrenOf(document, "button.row")
  const place = rows.find((row) => row.getAttribute("aria-current") === "true") ?? rows[0]
  place?.focus()
}

export const Shell = ({ onAgain, onSignOut, onToken, session }: Props) => {
  const state = useStore(session.store)
  const now = useNow()
  const narrow = useMedia("(max-width: 699px)")
  const [over, setOver] = useState<"person" | "group" | "details">()
  const { draftOf, keep } = useDrafts(session)
  const go = useAddress(session)
  const openRow = useStable(go)
  const conversation = state.open === undefined ? undefined : lookUp(state.conversations, state.open)
  useFocus(narrow, state.listed)
  useTitle(unreadTotal(state), conversation?.name)

  const back = () => {
    if (narrow) go(undefined)
    requestAnimationFrame(focusList)
  }
  const close = () => setOver(undefined)
  const common = { state, session, now }

  return (
    <div class={classes({ shell: true, "in-conversation": conversation !== undefined })}>
      <TokenBanner access={state.access} onToken={onToken} />
      {state.access._tag !== "Ended" && <Banner state={state} onAgain={onAgain} onNow={session.wake} />}
      <div class="panes">
        <Sidebar
          {...common}
          onOpen={openRow}
          onNew={setOver}
          onSignOut={onSignOut}
          alone={narrow && conversation === undefined}
        />
        {conversation === undefined
          ? !narrow && (
            <main class="nothing" aria-label="No conversation is open">
              {state.listed && Object.keys(state.conversations).length === 0
                ? <First me={state.me} onWrite={() => setOver("person")} />
                : <p>Choose a conversation, or begin a new one.</p>}
            </main>
          )
          : (
            <ConversationView
              key={conversation.id}
              {...common}
              conversation={conversation}
              narrow={narrow}
              draft={draftOf(conversation.id)}
              onDraft={(draft) => keep(conversation.id, draft)}
              onBack={back}
              onDetails={() => setOver("details")}
            />
          )}
      </div>
      {(over === "person" || over === "group") && (
        <NewConversation
          {...common}
          kind={over}
          onClose={close}
          onOpen={(id) => {
            close()
            go(id)
          }}
        />
      )}
      {over === "details" && conversation !== undefined && (
        <Details {...common} conversation={conversation} onClose={close} />
      )}
      {over === undefined && <Notices {...common} />}
      <div class="heard" role="log" aria-live="polite" aria-label="New messages">
        {state.heard.map(({ key, text }) => <p key={key}>{text}</p>)}
      </div>
    </div>
  )
}
