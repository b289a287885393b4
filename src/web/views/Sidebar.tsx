/** Everybody one talks to, latest first. Arrow keys move, Enter opens. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks"
import { lookUp } from "../state/lookUp.ts"
import type { Conversation, State } from "../state/model.ts"
import { pendingIn, previewOf, sorted } from "../state/selectors.ts"
import { Avatar } from "./Avatar.tsx"
import { ConversationRow } from "./ConversationRow.tsx"
import { First } from "./First.tsx"
import { childrenOf, moveFocus } from "./focus.ts"
import type { SignedIn } from "./handlers.ts"
import { Icon } from "./Icon.tsx"
import { IconButton } from "./IconButton.tsx"

interface Props extends SignedIn {
  readonly onOpen: (id: string) => void
  readonly onNew: (kind: "person" | "group") => void
  readonly onSignOut: () => void
  /** On a phone, with no conversation open: then this is the page. */
  readonly alone: boolean
}

/** Rows beyond those that are to be seen whose people are watched too. */
const margin = 4
/** The next page is asked for before its rows are needed. */
const rowsAhead = 20

const connection = ({ link }: State): string =>
  ({ Connecting: "connecting…", Ready: "online", Reconnecting: "offline", Closed: "signed out" })[link._tag]

/** Tells whose rows are to be seen, and asks for the next page before its rows are. */
const useWindow = ({ session, state }: Props, shown: ReadonlyArray<Conversation>) => {
  const nav = useRef<HTMLElement>(null)
  const look = () => {
    const frame = nav.current
    const first = frame?.querySelector("li")
    // What comes before the list is not in its order.
    if (!state.listed || frame === null || first == null) return
    const height = Math.max(1, first.getBoundingClientRect().height)
    const from = Math.floor(frame.scrollTop / height)
    const to = Math.ceil((frame.scrollTop + frame.clientHeight) / height)
    const seen = shown.slice(Math.max(0, from - margin), to + margin)
    session.seen(seen.filter(({ kind }) => kind === "direct").map((each) => each.with))
    if (state.more && to + rowsAhead > shown.length) void session.loadMore()
  }
  useEffect(look, [shown, state.link._tag, state.listed])
  return { nav, look }
}

const Me = ({ onSignOut, state }: Pick<Props, "onSignOut" | "state">) => (
  <div class="me">
    <Avatar name={state.me} kind="direct" />
    <div class="who">
      <h1>
        <bdi>{state.me}</bdi>
      </h1>
      <p class={`soft link-${state.link._tag.toLowerCase()}`}>{connection(state)}</p>
    </div>
    <IconButton icon="leave" label="Sign out" onClick={onSignOut} />
  </div>
)

const emptyText = ({ listed, more }: State, searching: boolean): string => {
  if (searching) return more ? "Searching…" : "Nobody of that name."
  return listed ? "No conversations yet. Begin one with the + above." : "Loading…"
}

export const Sidebar = (props: Props) => {
  const { alone, now, onNew, onOpen, session, state } = props
  const [filter, setFilter] = useState("")
  const all = useMemo(() => sorted(state), [state.conversations, state.open])
  const wanted = filter.trim().toLowerCase()
  const shown = useMemo(
    () => wanted === "" ? all : all.filter(({ name }) => name.toLowerCase().includes(wanted)),
    [all, wanted]
  )
  const { look, nav } = useWindow(props, shown)
  const reachable = shown.some(({ id }) => id === state.open) ? state.open : shown[0]?.id
  const isNew = alone && wanted === "" && state.listed && all.length === 0
  useEffect(() => {
    if (wanted !== "" && state.more) void session.loadAll()
  }, [wanted, state.more])
  const onKeyDown = (event: KeyboardEvent) => moveFocus(event, childrenOf(nav.current, "button.row"))

  return (
    <div class="sidebar" role={alone ? "main" : "complementary"} aria-label="Conversations">
      <Me {...props} />
      <div class="tools">
        <label class="search">
          <Icon name="search" />
          <input
            type="search"
            placeholder="Search"
            aria-label="Search conversations"
            value={filter}
            onInput={(event) => setFilter(event.currentTarget.value)}
            onKeyDown={(event) => event.key === "ArrowDown" && onKeyDown(event)}
          />
        </label>
        <IconButton class="round filled" icon="plus" label="New conversation" onClick={() => onNew("person")} />
        <IconButton class="round filled" icon="group" label="New group" onClick={() => onNew("group")} />
      </div>
      <nav ref={nav} aria-label="Conversation list" onScroll={look}>
        <ul onKeyDown={onKeyDown}>
          {shown.map((conversation) => (
            <ConversationRow
              {...previewOf(conversation, pendingIn(state, conversation.id), state)}
              key={conversation.id}
              conversation={conversation}
              online={conversation.kind === "direct" ? lookUp(state.presence, conversation.with)?.online : undefined}
              current={conversation.id === state.open}
              reachable={conversation.id === reachable}
              now={now}
              onOpen={onOpen}
            />
          ))}
        </ul>
        {isNew
          ? <First me={state.me} onWrite={() => onNew("person")} />
          : shown.length === 0 && <p class="empty soft">{emptyText(state, wanted !== "")}</p>}
      </nav>
    </div>
  )
}
