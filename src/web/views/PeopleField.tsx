/** Names as one types them: Enter, a comma or a space ends a name. */
import { useId, useState } from "preact/hooks"
import { isName } from "../text/names.ts"
import { nameField } from "./Form.tsx"
import { IconButton } from "./IconButton.tsx"

interface Props {
  readonly label: string
  readonly users: ReadonlyArray<string>
  /** Who cannot be named again. */
  readonly taken: ReadonlyArray<string>
  readonly onChange: (users: ReadonlyArray<string>) => void
}

export const PeopleField = ({ label, onChange, taken, users }: Props) => {
  const id = useId()
  const [text, setText] = useState("")
  const [problem, setProblem] = useState<string>()

  const add = (typed: string) => {
    const names = typed.split(/[\s,;]+/).filter((name) => name !== "")
    const wrong = names.find((name) => !isName(name))
    if (wrong !== undefined) return setProblem(`“${wrong}” cannot be a name.`)
    setProblem(undefined)
    onChange([...new Set([...users, ...names.filter((name) => !taken.includes(name))])])
    setText("")
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && text.trim() !== "") {
      event.preventDefault()
      add(text)
    } else if (event.key === "Backspace" && text === "") onChange(users.slice(0, -1))
  }
  return (
    <>
      <label for={id}>{label}</label>
      <div class="people">
        {users.map((user) => (
          <span key={user} class="chip">
            <bdi>{user}</bdi>
            <IconButton
              class=""
              icon="close"
              label={`Without ${user}`}
              onClick={() => onChange(users.filter((each) => each !== user))}
            />
          </span>
        ))}
        <input
          {...nameField}
          id={id}
          value={text}
          placeholder={users.length === 0 ? "bob, carol" : ""}
          aria-invalid={problem !== undefined}
          onInput={(event) => {
            const { value } = event.currentTarget
            if (/[\s,;]$/.test(value) && value.trim() !== "") add(value)
            else setText(value)
          }}
          onBlur={() => text.trim() !== "" && add(text)}
          onKeyDown={onKeyDown}
        />
      </div>
      {problem !== undefined && <p class="problem" role="alert">{problem}</p>}
    </>
  )
}
