/** A field for a name or an id, with the people below it who may be meant. The arrows choose, Enter takes, Esc closes. */
import { useId, useState } from "preact/hooks"
import { maxUserId } from "../../../domain/userIds.ts"
import { words } from "../../words/index.ts"
import { nameField } from "../Form.tsx"
import type { SignedIn } from "../handlers.ts"
import { PersonMark } from "./Mark.tsx"
import { IdBelow, Name } from "./names.tsx"
import { useSuggestions } from "./suggestions.ts"

interface Props extends Pick<SignedIn, "session" | "state"> {
  readonly id: string
  readonly value: string
  /** Who cannot be named again. */
  readonly taken: ReadonlyArray<string>
  readonly placeholder: string
  readonly invalid: boolean
  readonly first?: true
  /** With those who may be meant by what was there before. */
  readonly onText: (text: string, suggested: ReadonlyArray<string>) => void
  readonly onPick: (user: string) => void
  /** Enter that chooses nobody below. True takes it from the form. */
  readonly onEnter?: (suggested: ReadonlyArray<string>) => boolean
  readonly onBlur?: () => void
  readonly onBackspace?: () => void
}

/** Some ids, typed one after the other. */
const longest = maxUserId * 8

export const PeopleInput = (props: Props) => {
  const { id, onBackspace, onBlur, onEnter, onPick, onText, session, state, taken, value } = props
  const list = useId()
  const suggested = useSuggestions(session, state, value, taken)
  const [active, setActive] = useState<number>()
  const [closed, setClosed] = useState(false)
  const isOpen = suggested.length > 0 && !closed
  const chosen = active === undefined ? undefined : suggested[active]
  const pick = (user: string) => {
    setActive(undefined)
    onPick(user)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return
    const count = suggested.length
    if (isOpen && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault()
      const step = event.key === "ArrowDown" ? 1 : -1
      setActive(((active ?? (step > 0 ? -1 : count)) + step + count) % count)
    } else if (event.key === "Enter" && isOpen && chosen !== undefined) {
      event.preventDefault()
      pick(chosen)
    } else if (event.key === "Enter") {
      if (onEnter?.(suggested) === true) event.preventDefault()
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault()
      event.stopPropagation()
      setClosed(true)
    } else if (event.key === "Backspace" && value === "") onBackspace?.()
  }
  return (
    <>
      <input
        {...nameField}
        id={id}
        value={value}
        data-first={props.first}
        maxlength={longest}
        placeholder={props.placeholder}
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={isOpen}
        aria-controls={isOpen ? list : undefined}
        aria-activedescendant={isOpen && chosen !== undefined ? `${list}-${active}` : undefined}
        aria-invalid={props.invalid}
        onInput={(event) => {
          setClosed(false)
          setActive(undefined)
          onText(event.currentTarget.value, suggested)
        }}
        onBlur={() => {
          setClosed(true)
          onBlur?.()
        }}
        onKeyDown={onKeyDown}
      />
      {isOpen && (
        <ul id={list} class="suggestions" role="listbox" aria-label={words.people.suggestions}>
          {suggested.map((user, index) => (
            <li
              key={user}
              id={`${list}-${index}`}
              role="option"
              aria-selected={index === active}
              // The focus stays in the field.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => pick(user)}
            >
              <PersonMark user={user} small />
              <span class="member-name">
                <Name user={user} />
                <IdBelow user={user} />
              </span>
            </li>
          ))}
        </ul>
      )}
      <span class="heard" role="status">{isOpen ? words.people.found(suggested.length) : ""}</span>
    </>
  )
}
