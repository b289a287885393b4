/** What narrows a search: one conversation, who said it, what it has, and when. */
import { useId, useState } from "preact/hooks"
import { maxUserId } from "../../../domain/userIds.ts"
import type { Wanted } from "../../state/find.ts"
import type { Conversation } from "../../state/model.ts"
import { words } from "../../words/index.ts"
import { nameField } from "../Form.tsx"
import { useNames } from "../people/names.tsx"

interface Props {
  readonly wanted: Wanted
  /** The one that is open, if any. */
  readonly open: Conversation | undefined
  /** A key that is missing is no filter. */
  readonly onChange: (wanted: Wanted) => void
}

/** With this filter, or without it where there is nothing in it. */
const having = <K extends "sender" | "from" | "to" | "conversation" | "has">(
  wanted: Wanted,
  key: K,
  value: Wanted[K] | ""
): Wanted => {
  const { [key]: _, ...rest } = wanted
  return (value === "" || value === undefined ? rest : { ...rest, [key]: value }) as Wanted
}

const Day = ({ label, onInput, value }: {
  readonly label: string
  readonly value: string | undefined
  readonly onInput: (day: string) => void
}) => {
  const id = useId()
  return (
    <span>
      <label for={id}>{label}</label>
      <input id={id} type="date" value={value ?? ""} onInput={(event) => onInput(event.currentTarget.value)} />
    </span>
  )
}

export const Filters = ({ onChange, open, wanted }: Props) => {
  const from = useId()
  const isMore = [wanted.sender, wanted.from, wanted.to].some((each) => each !== undefined)
  const [more, setMore] = useState(isMore)
  const toggle = (has: "file" | "link") => onChange(having(wanted, "has", wanted.has === has ? "" : has))
  return (
    <>
      <div class="choices" role="group" aria-label={words.search.filters}>
        {open !== undefined && (
          <button
            type="button"
            class="where"
            aria-pressed={wanted.conversation === open.id}
            onClick={() => onChange(having(wanted, "conversation", wanted.conversation === open.id ? "" : open.id))}
          >
            {words.search.inConversation(<bdi>{useNames().titleOf(open)}</bdi>)}
          </button>
        )}
        <button type="button" aria-pressed={wanted.has === "file"} onClick={() => toggle("file")}>
          {words.search.files}
        </button>
        <button type="button" aria-pressed={wanted.has === "link"} onClick={() => toggle("link")}>
          {words.search.links}
        </button>
        <button type="button" aria-expanded={more} onClick={() => setMore(!more)}>{words.search.more}</button>
      </div>
      {more && (
        <div class="filters">
          <span>
            <label for={from}>{words.search.from}</label>
            <input
              {...nameField}
              id={from}
              value={wanted.sender ?? ""}
              placeholder={words.search.fromExample}
              maxlength={maxUserId}
              onInput={(event) => onChange(having(wanted, "sender", event.currentTarget.value.trim()))}
            />
          </span>
          <Day
            label={words.search.since}
            value={wanted.from}
            onInput={(day) => onChange(having(wanted, "from", day))}
          />
          <Day label={words.search.until} value={wanted.to} onInput={(day) => onChange(having(wanted, "to", day))} />
        </div>
      )}
    </>
  )
}
