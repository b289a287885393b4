/** Names of emoji as one types them after a colon: arrows choose, Enter or Tab takes one, Esc goes on without. */
import type { RefObject } from "preact"
import { useEffect, useState } from "preact/hooks"
import { allEmoji, kept, used } from "../../emoji/index.ts"
import { type Emoji, find, toned } from "../../emoji/list.ts"
import { emojiAt } from "../../text/compose.ts"
import { words } from "../../words/index.ts"
import { apply } from "./insert.ts"

const mostShown = 7

interface Shown {
  readonly from: number
  readonly found: ReadonlyArray<Emoji>
  readonly chosen: number
}

/** Those for another letter come a moment later than it, and whatever was chosen by then stays so. */
const after = (before: Shown | undefined, from: number, found: ReadonlyArray<Emoji>): Shown | undefined => {
  if (found.length === 0) return undefined
  const moved = before === undefined || before.chosen === 0 ? undefined : before.found[before.chosen]
  return { from, found, chosen: moved === undefined ? 0 : Math.max(0, found.indexOf(moved)) }
}

const steps: Readonly<Record<string, number>> = { ArrowUp: -1, ArrowDown: 1 }

export const useEmojiCompletion = (field: RefObject<HTMLTextAreaElement | null>, text: string) => {
  const [shown, setShown] = useState<Shown>()
  useEffect(() => {
    const at = field.current?.selectionStart ?? 0
    const written = document.activeElement === field.current ? emojiAt(text, at) : undefined
    if (written === undefined) return setShown(undefined)
    let wanted = true
    allEmoji().then((list) => {
      const found = find(list, written.query, mostShown)
      if (wanted) setShown((before) => after(before, written.from, found))
    }, () => {})
    return () => {
      wanted = false
    }
  }, [text])

  const take = (emoji: Emoji) => {
    const element = field.current
    if (shown === undefined || element === null) return
    const unicode = toned(emoji.unicode, kept().tone)
    used(unicode)
    setShown(undefined)
    const at = shown.from + unicode.length
    apply(element, { from: shown.from, to: element.selectionStart, insert: unicode, select: [at, at] })
  }
  return {
    /** Whether the key was for the list. */
    onKey: (event: KeyboardEvent): boolean => {
      if (shown === undefined) return false
      const { chosen, found } = shown
      const step = steps[event.key]
      if (step !== undefined) {
        // Two keys may come before one of them is drawn.
        setShown((now = shown) => ({ ...now, chosen: (now.chosen + step + now.found.length) % now.found.length }))
      } else if (event.key === "Enter" || event.key === "Tab") take(found[chosen]!)
      else if (event.key === "Escape") setShown(undefined)
      else return false
      event.preventDefault()
      return true
    },
    /** For the field. */
    aria: shown === undefined ? undefined : {
      "aria-controls": "emoji-completion",
      "aria-autocomplete": "list",
      "aria-activedescendant": `emoji-completion-${shown.chosen}`
    } as const,
    onBlur: () => setShown(undefined),
    list: shown !== undefined && (
      <ul id="emoji-completion" class="completion" role="listbox" aria-label={words.emoji.completion}>
        {shown.found.map((emoji, index) => (
          <li
            key={emoji.unicode}
            id={`emoji-completion-${index}`}
            role="option"
            aria-selected={index === shown.chosen}
            // The field keeps the focus.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() =>
              take(emoji)}
          >
            <span class="emoji" aria-hidden="true">{emoji.unicode}</span>
            <span>{emoji.label}</span>
            {emoji.codes[0] !== undefined && <span class="soft">{`:${emoji.codes[0]}:`}</span>}
          </li>
        ))}
      </ul>
    )
  }
}
