/** Members of a group to choose from while one types `@` and a name. The arrows choose, Enter or Tab takes, Esc closes. */
import type { RefObject, VNode } from "preact"
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks"
import { everybody } from "../../../domain/entries/Mentions.ts"
import { type Candidate, candidatesFor, typedAt, withMention } from "../../state/mentions.ts"
import type { Conversation } from "../../state/model.ts"
import { words } from "../../words/index.ts"
import { Avatar } from "../Avatar.tsx"
import { PersonMark } from "../people/Mark.tsx"
import { IdBelow, useNames } from "../people/names.tsx"

interface Options {
  readonly conversation: Conversation
  readonly me: string
  readonly text: string
  readonly field: RefObject<HTMLTextAreaElement | null>
  readonly onText: (text: string) => void
}

interface Calling {
  /** Of the field. */
  readonly aria: {
    readonly "aria-autocomplete"?: "list"
    readonly "aria-controls"?: string
    readonly "aria-activedescendant"?: string
  }
  /** The caret may be somewhere else now. */
  readonly look: () => void
  readonly close: () => void
  /** Whether the key was for the list. */
  readonly onKeyDown: (event: KeyboardEvent) => boolean
  readonly list: VNode | false
}

const CandidateView = ({ active, candidate: { label, user }, id, onPick }: {
  readonly active: boolean
  readonly candidate: Candidate
  readonly id: string
  readonly onPick: () => void
}) => (
  <li
    id={id}
    role="option"
    aria-selected={active}
    // The focus stays in the field.
    onPointerDown={(event) => event.preventDefault()}
    onClick={onPick}
  >
    {user === everybody ? <Avatar name="@" of={user} kind="group" small /> : <PersonMark user={user} small />}
    <span class="member-name">
      <bdi>{user === everybody ? everybody : label}</bdi>
      {user === everybody ? <span class="soft id-below">{words.mentions.everybody}</span> : <IdBelow user={user} />}
    </span>
  </li>
)

export const useCalling = ({ conversation, field, me, onText, text }: Options): Calling => {
  const names = useNames()
  const id = useId()
  const [caret, setCaret] = useState(0)
  const [chosen, setChosen] = useState(0)
  /** Where the `@` is for which nobody is wanted. */
  const [closed, setClosed] = useState<number>()
  const next = useRef<number | undefined>(undefined)
  const typed = conversation.kind === "group" ? typedAt(text, caret) : undefined
  const candidates = typed === undefined || typed.from === closed
    ? []
    : candidatesFor(typed.query, conversation.info, names, me)
  const active = Math.min(chosen, candidates.length - 1)

  // The field has its new text only now.
  useLayoutEffect(() => {
    if (next.current === undefined) return
    field.current?.setSelectionRange(next.current, next.current)
    setCaret(next.current)
    next.current = undefined
  }, [text])

  const pick = (candidate: Candidate | undefined) => {
    if (typed === undefined || candidate === undefined) return
    const called = withMention(text, typed, candidate)
    next.current = called.caret
    setChosen(0)
    onText(called.text)
  }
  const onKeyDown = (event: KeyboardEvent): boolean => {
    const count = candidates.length
    if (count === 0 || event.isComposing || event.shiftKey) return false
    switch (event.key) {
      case "ArrowDown":
      case "ArrowUp":
        setChosen((active + (event.key === "ArrowDown" ? 1 : -1) + count) % count)
        break
      case "Enter":
      case "Tab":
        pick(candidates[active])
        break
      case "Escape":
        setClosed(typed?.from)
        event.stopPropagation()
        break
      default:
        return false
    }
    event.preventDefault()
    return true
  }
  const isOpen = candidates.length > 0
  return {
    aria: isOpen
      ? { "aria-autocomplete": "list", "aria-controls": id, "aria-activedescendant": `${id}-${active}` }
      : {},
    look: () => {
      const at = field.current?.selectionStart ?? 0
      if (at === caret) return
      setCaret(at)
      setChosen(0)
      if (typedAt(field.current?.value ?? "", at)?.from !== closed) setClosed(undefined)
    },
    close: () => setClosed(typed?.from),
    onKeyDown,
    list: isOpen && (
      <ul id={id} class="suggestions calling" role="listbox" aria-label={words.mentions.suggestions}>
        {candidates.map((candidate, index) => (
          <CandidateView
            key={candidate.user}
            id={`${id}-${index}`}
            candidate={candidate}
            active={index === active}
            onPick={() => pick(candidate)}
          />
        ))}
      </ul>
    )
  }
}
