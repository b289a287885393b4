/** Everybody one talks to, latest first. Arrow keys move, Enter opens. */
import { Fragment } from "preact"
import { useEffect, useMemo, useRef, useState } from "preact/hooks"
import { lookUp } from "../state/lookUp.ts"
import type { Conversation, State } from "../state/model.ts"
import { namesOf } from "../state/names.ts"
import { folded, pendingIn, previewOf, sorted } from "../state/selectors.ts"
import { words } from "../words/index.ts"
import { ConversationRow } from "./ConversationRow.tsx"
import { First } from "./First.tsx"
import { childrenOf, moveFocus } from "./focus.ts"
import type { SignedIn } from "./handlers.ts"
import { Icon } from "./Icon.tsx"
import { IconButton } from "./IconButton.tsx"
import { LanguageChoice } from "./LanguageChoice.tsx"
import { PersonMark } from "./people/Mark.tsx"
import { Name } from "./people/names.tsx"

interface Props extends SignedIn {
  readonly onOpen: (id: string) => void
  readonly onNew: (kind: "person" | "group") => void
  readonly onSearch: (query: string) => void
  readonly onNotifications: () => void
  readonly onSignOut: () => void
  readonly onProfile: () => void
  /** On a phone, with no conversation open: then this is the page. */
  readonly alone: boolean
}

/** Rows beyond those that are to be seen whose people are watched too. */
const margin = 4
/** The next page is asked for before its rows are needed. */
const rowsAhead = 20

const connection = ({ link }: State): string => words.connection.states[link._tag]

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

const Me = ({ onNotifications, onProfile, onSearch, onSignOut, state }: Props) => (
  <div class="me">
    <span class="own-mark">
      <PersonMark user={state.me} />
      <button type="button" aria-label={words.people.profile} title={words.people.profile} onClick={onProfile} />
    </span>
    <div class="who">
      <h1>
        <Name user={state.me} />
      </h1>
      <p class={`soft link-${state.link._tag.toLowerCase()}`}>{connection(state)}</p>
    </div>
    <IconButton icon="search" label={words.search.title} onClick={() => onSearch("")} />
    <IconButton icon="bell" label={words.notifications.title} onClick={onNotifications} />
    <IconButton icon="leave" label={words.signIn.signOut} onClick={onSignOut} />
  </div>
)

const emptyText = ({ listed, more }: State, searching: boolean): string => {
  if (searching) return more ? words.list.searching : words.list.nobody
  return listed ? words.list.empty : words.page.loading
}

/** Who, or what, has the wanted letters in a name or an id. */
const foundIn = (all: ReadonlyArray<Conversation>, state: State, wanted: string): ReadonlyArray<Conversation> => {
  const { titleOf } = namesOf(state)
  return all.filter((each) =>
    titleOf(each).toLowerCase().includes(wanted) ||
    (each.kind === "direct" && each.with.toLowerCase().includes(wanted))
  )
}

const Fold = ({ count, onFold, unfolded }: {
  readonly count: number
  readonly unfolded: boolean
  readonly onFold: (unfolded: boolean) => void
}) => (
  <li>
    <button
      type="button"
      class="row fold"
      aria-expanded={unfolded}
      onClick={() => onFold(!unfolded)}
    >
      <Icon name="box" />
      <span>{words.settings.archived(count)}</span>
    </button>
  </li>
)

export const Sidebar = (props: Props) => {
  const { alone, now, onNew, onOpen, onSearch, session, state } = props
  const [filter, setFilter] = useState("")
  const all = useMemo(() => sorted(state), [state.conversations, state.open])
  const wanted = filter.trim().toLowerCase()
  const [unfolded, setUnfolded] = useState(false)
  const { archived, front, shown } = useMemo(() => {
    const { archived, shown } = folded(all)
    if (wanted !== "") return { archived: 0, front: all.length, shown: foundIn(all, state, wanted) }
    return {
      archived: archived.length,
      front: shown.length,
      shown: unfolded ? [...shown, ...archived] : shown
    }
  }, [all, wanted, unfolded, state.people])
  const { look, nav } = useWindow(props, shown)
  const reachable = shown.some(({ id }) => id === state.open) ? state.open : shown[0]?.id
  const isNew = alone && wanted === "" && state.listed && all.length === 0
  useEffect(() => {
    if (wanted !== "" && state.more) void session.loadAll()
  }, [wanted, state.more])
  const onKeyDown = (event: KeyboardEvent) => moveFocus(event, childrenOf(nav.current, "button.row"))

  return (
    <div class="sidebar" role={alone ? "main" : "complementary"} aria-label={words.list.label}>
      <Me {...props} />
      <div class="tools">
        <label class="search">
          <Icon name="search" />
          <input
            type="search"
            placeholder={words.list.filter}
            aria-label={words.list.filterLabel}
            value={filter}
            onInput={(event) => setFilter(event.currentTarget.value)}
            onKeyDown={(event) => event.key === "ArrowDown" && onKeyDown(event)}
          />
        </label>
        <IconButton
          class="round filled"
          icon="plus"
          label={words.list.newConversation}
          onClick={() => onNew("person")}
        />
        <IconButton class="round filled" icon="group" label={words.list.newGroup} onClick={() => onNew("group")} />
      </div>
      <nav ref={nav} aria-label={words.list.navigation} onScroll={look}>
        <ul onKeyDown={onKeyDown}>
          {shown.map((conversation, index) => (
            <Fragment key={conversation.id}>
              {archived > 0 && index === front && <Fold count={archived} unfolded={unfolded} onFold={setUnfolded} />}
              <ConversationRow
                {...previewOf(conversation, pendingIn(state, conversation.id), state)}
                conversation={conversation}
                online={conversation.kind === "direct" ? lookUp(state.presence, conversation.with)?.online : undefined}
                current={conversation.id === state.open}
                reachable={conversation.id === reachable}
                now={now}
                onOpen={onOpen}
              />
            </Fragment>
          ))}
          {archived > 0 && !unfolded && <Fold count={archived} unfolded={unfolded} onFold={setUnfolded} />}
        </ul>
        {wanted !== "" && (
          <button type="button" class="row find" onClick={() => onSearch(filter.trim())}>
            <Icon name="search" />
            <span>{words.list.searchFor(<bdi>{filter.trim()}</bdi>)}</span>
          </button>
        )}
        {isNew
          ? <First me={state.me} onWrite={() => onNew("person")} />
          : shown.length === 0 && <p class="empty soft">{emptyText(state, wanted !== "")}</p>}
      </nav>
      <LanguageChoice />
    </div>
  )
}
