/** Begins a conversation with one person, or makes a group. */
import { useState } from "preact/hooks"
import type { GroupHistory } from "../../client/index.ts"
import { conversationOf } from "../state/conversations.ts"
import { isName, nameRule } from "../text/names.ts"
import { Form, nameField } from "./Form.tsx"
import type { SignedIn } from "./handlers.ts"
import { Modal } from "./Modal.tsx"
import { PeopleField } from "./PeopleField.tsx"

interface Props extends SignedIn {
  readonly kind: "person" | "group"
  readonly onOpen: (conversation: string) => void
  readonly onClose: () => void
}

const Person = ({ onOpen, session }: Props) => {
  const [name, setName] = useState("")
  const [problem, setProblem] = useState<string>()
  const submit = () => {
    const user = name.trim()
    if (!isName(user)) return setProblem(nameRule)
    onOpen(conversationOf({ recipient: user }, session.me))
  }
  return (
    <Form onSubmit={submit}>
      <label for="person">Name</label>
      <input
        {...nameField}
        id="person"
        value={name}
        data-first
        maxlength={64}
        placeholder="bob"
        aria-invalid={problem !== undefined}
        onInput={(event) => setName(event.currentTarget.value)}
      />
      {problem !== undefined && <p class="problem" role="alert">{problem}</p>}
      <p class="soft">They need not be here now: they get what you write when they come.</p>
      <footer>
        <button type="submit" class="primary">Start</button>
      </footer>
    </Form>
  )
}

const Group = ({ onOpen, session }: Props) => {
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
      <label for="group-name">Name of the group</label>
      <input
        id="group-name"
        type="text"
        value={name}
        data-first
        autocomplete="off"
        maxlength={100}
        dir="auto"
        placeholder="Friday hikes"
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <PeopleField label="Members" users={members} taken={[session.me]} onChange={setMembers} />
      <label class="check">
        <input
          type="checkbox"
          checked={history === "all"}
          onChange={(event) => setHistory(event.currentTarget.checked ? "all" : "joined")}
        />
        Later members may read what was said before
      </label>
      <footer>
        <button type="submit" class="primary" disabled={busy || name.trim() === ""}>Create group</button>
      </footer>
    </Form>
  )
}

export const NewConversation = (props: Props) => (
  <Modal {...props} title={props.kind === "person" ? "New conversation" : "New group"}>
    {props.kind === "person" ? <Person {...props} /> : <Group {...props} />}
  </Modal>
)
