/** Names and ids as one types them: Enter or a comma ends one, and a space, where nobody's name or id goes on with it. */
import { useEffect, useId, useState } from "preact/hooks"
import { isName } from "../text/names.ts"
import { listed, words } from "../words/index.ts"
import type { SignedIn } from "./handlers.ts"
import { IconButton } from "./IconButton.tsx"
import { Name, useNames } from "./people/names.tsx"
import { PeopleInput } from "./people/PeopleInput.tsx"
import { knownBeginning, mayGoOn, meantBy } from "./people/suggestions.ts"

interface Props extends Pick<SignedIn, "session" | "state"> {
  readonly label: string
  readonly users: ReadonlyArray<string>
  /** Who cannot be named again. */
  readonly taken: ReadonlyArray<string>
  readonly onChange: (users: ReadonlyArray<string>) => void
}

const Chip = ({ onRemove, user }: { readonly user: string; readonly onRemove: () => void }) => {
  const names = useNames()
  return (
    <span class="chip">
      <Name user={user} />
      <IconButton class="" icon="close" label={words.begin.without(names.within(user))} onClick={onRemove} />
    </span>
  )
}

/** Of whom nobody knows, so that a name that was mistyped is seen. */
const Unseen = ({ state: { people }, users }: Pick<Props, "state" | "users">) => {
  const names = useNames()
  const unseen = users.filter((user) => people[user]?.unseen === true)
  return unseen.length === 0 ?
    null :
    <p class="soft" role="status">{words.people.unseenOnes(listed(unseen.map(names.within)), unseen.length)}</p>
}

export const PeopleField = (props: Props) => {
  const { label, onChange, session, state, taken, users } = props
  const id = useId()
  const [text, setText] = useState("")
  const [problem, setProblem] = useState<string>()
  useEffect(() => session.loadPeople(users.filter((user) => !Object.hasOwn(state.people, user))), [users.join(" ")])

  const put = (more: ReadonlyArray<string>) => {
    setProblem(undefined)
    onChange([...new Set([...users, ...more.filter((user) => !taken.includes(user))])])
    setText("")
  }
  const add = (typed: string, suggested: ReadonlyArray<string>) => {
    const meant = meantBy(typed, suggested, state)
    if (meant !== undefined) return put([meant])
    const ids = typed.split(/[\s,;]+/).filter((each) => each !== "")
    const wrong = ids.find((each) => !isName(each))
    // Half a name, which only one may have.
    if (ids.length > 1 && suggested.length === 1) return put(suggested)
    if (wrong !== undefined) return setProblem(words.begin.notAName(wrong))
    put(ids)
  }
  const onText = (value: string, suggested: ReadonlyArray<string>) => {
    const ends = /[,;\s]$/.test(value) && !mayGoOn(value, [...knownBeginning(state, value), ...suggested], state)
    if (ends && value.trim() !== "") add(value.replace(/[\s,;]+$/, ""), suggested)
    else setText(value)
  }

  return (
    <>
      <label for={id}>{label}</label>
      <div class="people">
        {users.map((user) => (
          <Chip
            key={user}
            user={user}
            onRemove={() => onChange(users.filter((each) => each !== user))}
          />
        ))}
        <PeopleInput
          session={session}
          state={state}
          id={id}
          value={text}
          taken={[...taken, ...users]}
          placeholder={users.length === 0 ? words.begin.membersExample : ""}
          invalid={problem !== undefined}
          onText={onText}
          onPick={(user) => put([user])}
          onEnter={(suggested) => {
            if (text.trim() === "") return false
            add(text, suggested)
            return true
          }}
          onBlur={() => text.trim() !== "" && add(text, [])}
          onBackspace={() => onChange(users.slice(0, -1))}
        />
      </div>
      {problem !== undefined && <p class="problem" role="alert">{problem}</p>}
      <Unseen state={state} users={users} />
    </>
  )
}
