/** Everybody one talks to, latest first. Arrow keys move, Enter opens. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks"
import { lookUp } from "../state/lookUp.ts"
import type { State } from "../state/model.ts"
import { pendingIn, previewOf, sorted } from "../state/selectors.ts"
import { Avatar } from "./Avatar.tsx"
import { ConversationRow } from "./ConversationRow.tsx"
import { First } from "./First.tsx"
import { Icon } from "./Icon.tsx"

interface Props {
  readonly state: State
  readonly now: number
  readonly onOpen: (id: string) => void
  readonly onNew: (kind: "person" | "group") => void
  readonly onSignOut: () => void
  /** On a phone, with no conversation open: then this is the page. */
  readonly alone: boolean
  readonly onMore: () => void
  readonly onSearch: () => void
  readonly onSeen: (users: ReadonlyArray<string>) => void
}

/** Rows beyond those that are to be seen whose people are watched too. */
const margin = 4
/** The next page is asked for before its rows are needed. */
const rowsAhead = 20

const connection = ({ link }: State): string =>
  ({ Connecting: "connecting…", Ready: "online", Reconnecting: "offline", Closed: "signed out" })[link._tag]

export const Sidebar = ({ alone, now, onMore, onNew, onOpen, onSearch, onSeen, onSignOut, state }: Props) => {
  const [filter, setFilter] = useState("")
  const list = useRef<HTMLUListElement>(null)
  const nav = useRef<HTMLElement>(null)
  const all = useMemo(() => sorted(state), [state.conversations, state.open])
  const wanted = filter.trim().toLowerCase()
  const shown = useMemo(
    () => wanted === "" ? all : all.filter(({ name }) => name.toLowerCase().includes(wanted)),
    [all, wanted]
  )
  const reachable = shown.some(({ id }) => id === state.open) ? state.open : shown[0]?.id

  const look = () => {
    const [frame, first] = [nav.current, list.current?.firstElementChild]
    // What comes before the list is not in its order.
    if (!state.listed || frame === null || first === null || first === undefined) return
    const height = Math.max(1, first.getBoundingClientRect().height)
    const from = Math.floor(frame.scrollTop / height)
    const to = Math.ceil((frame.scrollTop + frame.clientHeight) / height)
    onSeen(
      shown.slice(Math.max(0, from - margin), to + margin).flatMap((each) => each.kind === "direct" ? [each.with] : [])
    )
    if (state.more && to + rowsAhead > shown.length) onMore()
  }
  useEffect(look, [shown, state.link._tag, state.listed])
  useEffect(() => {
    if (wanted !== "" && state.more) onSearch()
  }, [wanted, state.more])

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity }[event.key]
    if (step === undefined) return
    const rows = Array.from(list.current?.querySelectorAll<HTMLElement>("button.row") ?? [])
    const index = rows.findIndex((row) => row === document.activeElement)
    event.preventDefault()
    rows[Math.max(0, Math.min(rows.length - 1, index + step))]?.focus()
  }

  return (
    <div class="sidebar" role={alone ? "main" : "complementary"} aria-label="Conversations">
      <div class="me">
        <Avatar name={state.me} kind="direct" />
        <div class="who">
          <h1>
            <bdi>{state.me}</bdi>
          </h1>
          <p class={`soft link-${state.link._tag.toLowerCase()}`}>{connection(state)}</p>
        </div>
        <button type="button" class="quiet round" aria-label="Sign out" title="Sign out" onClick={onSignOut}>
          <Icon name="leave" />
        </button>
      </div>
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
        <button
          type="button"
          class="round filled"
          aria-label="New conversation"
          title="New conversation"
          onClick={() => onNew("person")}
        >
          <Icon name="plus" />
        </button>
        <button
          type="button"
          class="round filled"
          aria-label="New group"
          title="New group"
          onClick={() => onNew("group")}
        >
          <Icon name="group" />
        </button>
      </div>
      <nav ref={nav} aria-label="Conversation list" onScroll={look}>
        <ul ref={list} onKeyDown={onKeyDown}>
          {shown.map((conversation) => (
            <ConversationRow
              key={conversation.id}
              conversation={conversation}
              preview={previewOf(conversation, pendingIn(state, conversation.id), state)}
              typing={conversation.typing.length > 0}
              online={conversation.kind === "direct" ? lookUp(state.presence, conversation.with)?.online : undefined}
              current={conversation.id === state.open}
              reachable={conversation.id === reachable}
              now={now}
              onOpen={onOpen}
            />
          ))}
        </ul>
        {alone && wanted === "" && state.listed && all.length === 0 && (
          <First
            me={state.me}
            onWrite={() => onNew("person")}
          />
        )}
        {shown.length === 0 && !(alone && wanted === "" && state.listed) && (
          <p class="empty soft">
            {wanted !== ""
              ? state.more ? "Searching…" : "Nobody of that name."
              : state.listed
              ? "No conversations yet. Begin one with the + above."
              : "Loading…"}
          </p>
        )}
      </nav>
    </div>
  )
}
