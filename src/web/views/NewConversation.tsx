/** Begins a conversation with one person, or makes a group. */
import { useState } from "preact/hooks"
import type { GroupHistory } from "../../client/index.ts"
import { conversationOf } from "../state/conversations.ts"
import { isName } from "../text/names.ts"
import { words } from "../words/index.ts"
import { Form } from "./Form.tsx"
import type { SignedIn } from "./handlers.ts"
import { Modal } from "./Modal.tsx"
import { PeopleInput } from "./people/PeopleInput.tsx"
import { knownBeginning, meantBy } from "./people/suggestions.ts"
import { PeopleField } from "./PeopleField.tsx"

interface Props extends SignedIn {
  readonly kind: "person" | "group"
  readonly onOpen: (conversation: string) => void
  readonly onClose: () => void
}

const Person = ({ onOpen, session, state }: Props) => {
  const [name, setName] = useState("")
  const [problem, setProblem] = useState<string>()
  const open = (user: string) => onOpen(conversationOf({ recipient: user }, session.me))
  const submit = (suggested: ReadonlyArray<string>) => {
    const user = name.trim()
    const meant = meantBy(user, suggested, state) ??
      (isName(user) ? user : suggested.length === 1 ? suggested[0] : undefined)
    if (meant === undefined) return setProblem(words.signIn.nameRule)
    open(meant)
  }
  return (
    <Form onSubmit={() => submit(name.trim() === "" ? [] : knownBeginning(state, name))}>
      <label for="person">{words.begin.name}</label>
      <div class="one-person">
        <PeopleInput
          session={session}
          state={state}
          id="person"
          first
          value={name}
          taken={[]}
          placeholder={words.begin.nameExample}
          invalid={problem !== undefined}
          onText={setName}
          onPick={open}
          onEnter={(suggested) => {
            submit(suggested)
            return true
          }}
        />
      </div>
      {problem !== undefined && <p class="problem" role="alert">{problem}</p>}
      <p class="soft">{words.begin.away}</p>
      <footer>
        <button type="submit" class="primary">{words.begin.start}</button>
      </footer>
    </Form>
  )
}

const Group = ({ onOpen, session, state }: Props) => {
  const [name, setName] = useState("")
  const [members, setMembers] = useState<ReadonlyArray<string>>([])
  const [history, setHistory] = useState<GroupHistory>("joined")
  const [busy, setBusy] = useState(false)
  const submit = async () => {
    if (name.trim() === "") return
    setBusy(true)
    const conversation = await session.createGroup(name.trim(), members, history)
    setBusy(false)
    if (conversation !== undefined) onOpen(conversation)
  }
  return (
    <Form onSubmit={submit}>
      <label for="group-name">{words.begin.groupName}</label>
      <input
        id="group-name"
        type="text"
        value={name}
        data-first
        autocomplete="off"
        maxlength={100}
        dir="auto"
        placeholder={words.begin.groupExample}
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <PeopleField
        session={session}
        state={state}
        label={words.begin.members}
        users={members}
        taken={[session.me]}
        onChange={setMembers}
      />
      <label class="check">
        <input
          type="checkbox"
          checked={history === "all"}
          onChange={(event) => setHistory(event.currentTarget.checked ? "all" : "joined")}
        />
        {words.begin.history}
      </label>
      <footer>
        <button type="submit" class="primary" disabled={busy || name.trim() === ""}>{words.begin.create}</button>
      </footer>
    </Form>
  )
}

export const NewConversation = (props: Props) => (
  <Modal {...props} title={props.kind === "person" ? words.begin.title : words.begin.titleGroup}>
    {props.kind === "person" ? <Person {...props} /> : <Group {...props} />}
  </Modal>
)
