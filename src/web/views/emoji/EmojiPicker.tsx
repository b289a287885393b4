/** All emoji by their kinds, and a field that finds them by name. Arrows move, Enter takes, Esc goes back. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks"
import { allEmoji, keepTone, kept, used } from "../../emoji/index.ts"
import { type Emoji, find, type Group, groups, toned, tones } from "../../emoji/list.ts"
import { words } from "../../words/index.ts"
import { childrenOf } from "../focus.ts"
import type { SignedIn } from "../handlers.ts"
import { Icon } from "../Icon.tsx"
import { Modal } from "../Modal.tsx"
import { moveInGrid } from "./grid.ts"

interface Props extends SignedIn {
  readonly title: string
  readonly onPick: (emoji: string) => void
  readonly onClose: () => void
}

type Tab = Group | "recent"

const mostFound = 120
const icons: Readonly<Record<Tab, string>> = {
  recent: "🕘",
  0: "😀",
  1: "👋",
  3: "🐻",
  4: "🍎",
  5: "🚗",
  6: "⚽",
  7: "💡",
  8: "❤️",
  9: "🏁"
}
const nameOf = (tab: Tab): string => tab === "recent" ? words.emoji.recent : words.emoji.group[tab]

const Tones = ({ onChange, tone }: { readonly tone: string; readonly onChange: (tone: string) => void }) => (
  <div class="tones" role="group" aria-label={words.emoji.tone}>
    {tones.map((each, index) => (
      <button
        key={each}
        type="button"
        class="emoji"
        aria-label={`${words.emoji.tone}: ${words.emoji.tones[index]}`}
        aria-pressed={each === tone}
        onClick={() => onChange(each)}
      >
        {`✋${each}`}
      </button>
    ))}
  </div>
)

const Tabs = ({ onTab, tab, tabs }: {
  readonly tab: Tab | undefined
  readonly tabs: ReadonlyArray<Tab>
  readonly onTab: (tab: Tab) => void
}) => (
  <div class="emoji-tabs" role="group" aria-label={words.emoji.groups}>
    {tabs.map((each) => (
      <button
        key={each}
        type="button"
        class="emoji"
        aria-label={nameOf(each)}
        title={nameOf(each)}
        aria-pressed={each === tab}
        onClick={() => onTab(each)}
      >
        {icons[each]}
      </button>
    ))}
  </div>
)

const useList = () => {
  const [list, setList] = useState<ReadonlyArray<Emoji>>()
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    allEmoji().then(setList, () => setFailed(true))
  }, [])
  return { list, failed }
}

/** Those of before as the list names them, in their tones. */
const recentIn = (list: ReadonlyArray<Emoji>, recent: ReadonlyArray<string>): ReadonlyArray<Emoji> =>
  recent.flatMap((unicode) => {
    const known = list.find((each) =>
      each.unicode === unicode || tones.some((tone) => toned(each.unicode, tone) === unicode)
    )
    return known === undefined ? [] : [{ ...known, unicode }]
  })

const statusOf = (failed: boolean, list: unknown, searched: boolean, count: number): string => {
  if (failed) return words.emoji.notLoaded
  if (list === undefined) return words.page.loading
  return searched ? count === 0 ? words.emoji.none : words.emoji.found(count) : ""
}

export const EmojiPicker = (props: Props) => {
  const { onClose, onPick, title } = props
  const { failed, list } = useList()
  const before = useMemo(kept, [])
  const [tone, setTone] = useState(before.tone)
  const [tab, setTab] = useState<Tab>(before.recent.length > 0 ? "recent" : 0)
  const [query, setQuery] = useState("")
  const grid = useRef<HTMLDivElement>(null)
  const searched = query.trim() !== ""
  const recent = useMemo(() => recentIn(list ?? [], before.recent), [list])
  const shown = useMemo(() => {
    if (list === undefined) return []
    if (searched) return find(list, query, mostFound)
    return tab === "recent" ? recent : list.filter(({ group }) => group === tab)
  }, [list, query, tab])

  const tonedAs = ({ unicode }: Emoji) => !searched && tab === "recent" ? unicode : toned(unicode, tone)
  const pick = (unicode: string) => {
    used(unicode)
    onPick(unicode)
  }
  const cells = () => childrenOf(grid.current, "button")
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return
    if (event.key === "ArrowDown") {
      event.preventDefault()
      cells()[0]?.focus()
    } else if (event.key === "Enter" && searched && shown[0] !== undefined) {
      event.preventDefault()
      pick(tonedAs(shown[0]))
    }
  }
  return (
    <Modal {...props} class="emoji-picker" title={title} onClose={onClose}>
      <div class="search">
        <Icon name="search" />
        <input
          type="search"
          data-first
          aria-label={words.emoji.search}
          placeholder={words.emoji.example}
          autocomplete="off"
          value={query}
          onInput={(event) => setQuery(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
      </div>
      <Tabs
        tab={searched ? undefined : tab}
        tabs={recent.length > 0 ? ["recent", ...groups] : groups}
        onTab={(next) => {
          setQuery("")
          setTab(next)
          grid.current?.scrollTo(0, 0)
        }}
      />
      <div
        ref={grid}
        class="emoji-grid"
        role="group"
        aria-label={searched ? words.emoji.completion : nameOf(tab)}
        onKeyDown={(event) => moveInGrid(event, cells())}
      >
        {shown.map((emoji, index) => (
          <button
            key={emoji.unicode}
            type="button"
            class="emoji"
            aria-label={emoji.label}
            title={emoji.codes[0] === undefined ? emoji.label : `${emoji.label} :${emoji.codes[0]}:`}
            tabIndex={index === 0 ? 0 : -1}
            onClick={() => pick(tonedAs(emoji))}
          >
            {tonedAs(emoji)}
          </button>
        ))}
      </div>
      <p class="soft" role="status">{statusOf(failed, list, searched, shown.length)}</p>
      <Tones
        tone={tone}
        onChange={(next) => {
          setTone(next)
          keepTone(next)
        }}
      />
    </Modal>
  )
}
