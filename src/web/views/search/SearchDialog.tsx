/** Looks for messages as one types. The arrows choose, Enter goes there, Esc goes back. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks"
import { maxQuery } from "../../../domain/search/query.ts"
import type { Find, Wanted } from "../../state/find.ts"
import type { Conversation } from "../../state/model.ts"
import { words } from "../../words/index.ts"
import type { Place } from "../ConversationView.tsx"
import type { SignedIn } from "../handlers.ts"
import { Icon } from "../Icon.tsx"
import { Modal } from "../Modal.tsx"
import { Filters } from "./Filters.tsx"
import { Hit } from "./Hit.tsx"

interface Props extends SignedIn {
  /** What to begin with; without it the last search goes on. */
  readonly query?: string
  readonly conversation?: string
  readonly open: Conversation | undefined
  readonly onClose: () => void
  readonly onGo: (place: Place) => void
}

const nearEnd = 300

const beginning = ({ conversation, query, state: { finds: { search } } }: Props): Wanted => {
  const { conversation: _, ...before } = search?.wanted ?? { query: "" }
  return {
    ...before,
    ...(query === undefined || query === "" ? undefined : { query }),
    ...(conversation === undefined ? undefined : { conversation })
  }
}

/** In a sentence: what is wrong, or what there is. */
const statusOf = (find: Find | undefined): string => {
  if (find === undefined) return ""
  const { cursor, hits, problem, status } = find
  if (status === "idle" || status === "failed") return problem ?? ""
  if (status === "looking") return hits.length === 0 ? words.search.searching : words.search.searchingMore
  if (hits.length > 0) return words.search.found(hits.length, cursor !== undefined)
  return cursor === undefined ? words.search.nothing : words.search.nothingYet
}

const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }

/** Which one the keys have come to; the first of what is found anew. */
const useChosen = (find: Find | undefined) => {
  const [chosen, setChosen] = useState(0)
  const list = useRef<HTMLUListElement>(null)
  const count = find?.hits.length ?? 0
  useEffect(() => {
    setChosen(0)
    list.current?.scrollTo(0, 0)
  }, [find?.number])
  const active = Math.min(chosen, count - 1)
  useLayoutEffect(() => {
    list.current?.querySelector("[aria-selected='true']")?.scrollIntoView({ block: "nearest" })
  }, [active])
  return {
    active,
    list,
    move: (key: string): boolean => {
      const step = steps[key]
      if (step !== undefined) setChosen(Math.max(0, Math.min(count - 1, active + step)))
      return step !== undefined
    }
  }
}

export const SearchDialog = (props: Props) => {
  const { now, onClose, onGo, open, session, state } = props
  const find = state.finds.search
  const [wanted, setWanted] = useState(() => beginning(props))
  const { active, list, move } = useChosen(find)
  const hits = find?.hits ?? []
  useEffect(() => session.find("search", wanted), [wanted])
  const field = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => field.current?.select(), [])

  /** What is shown was found for something else. */
  const stale = find?.wanted !== wanted || (find.status === "looking" && find.cursor === undefined)
  // Enter that comes before the answer is for what the answer has.
  const [eager, setEager] = useState<Wanted>()
  useEffect(() => {
    if (eager === wanted && !stale) go(0)
  }, [eager, stale])

  const go = (index: number) => {
    const hit = hits[index]
    if (hit !== undefined) onGo({ conversation: hit.conversation, seq: hit.seq })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return
    if (event.key === "Enter") {
      event.preventDefault()
      if (stale) setEager(wanted)
      else go(active)
    } else if (move(event.key)) event.preventDefault()
  }
  const look = () => {
    const frame = list.current
    if (frame === null || find?.status !== "there" || find.cursor === undefined) return
    if (frame.scrollHeight - frame.scrollTop - frame.clientHeight < nearEnd) session.findMore("search")
  }
  useEffect(look, [find])

  return (
    <Modal {...props} class="finder" title={words.search.title} onClose={onClose}>
      <div class="search">
        <Icon name="search" />
        <input
          ref={field}
          type="text"
          enterkeyhint="go"
          data-first
          role="combobox"
          aria-label={words.search.field}
          aria-expanded={hits.length > 0}
          aria-controls={hits.length > 0 ? "hits" : undefined}
          aria-autocomplete="list"
          aria-activedescendant={hits.length > 0 ? `hit-${active}` : undefined}
          autocomplete="off"
          dir="auto"
          maxlength={maxQuery}
          placeholder={words.search.placeholder}
          value={wanted.query}
          onInput={(event) => setWanted({ ...wanted, query: event.currentTarget.value })}
          onKeyDown={onKeyDown}
        />
      </div>
      <Filters wanted={wanted} open={open} onChange={setWanted} />
      <p class={find?.status === "failed" ? "problem" : "soft"} role="status">
        {statusOf(find)} {find?.status === "failed" && (
          <button
            type="button"
            class="link"
            onClick={() => session.findMore("search")}
          >
            {words.page.tryAgain}
          </button>
        )}
      </p>
      {hits.length > 0 && (
        <ul ref={list} id="hits" class="hits" role="listbox" aria-label={words.search.results} onScroll={look}>
          {hits.map((hit, index) => (
            <Hit
              key={`${hit.conversation} ${hit.seq}`}
              id={`hit-${index}`}
              hit={hit}
              state={state}
              now={now}
              active={index === active}
              onGo={() => go(index)}
            />
          ))}
        </ul>
      )}
    </Modal>
  )
}
