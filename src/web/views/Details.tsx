/** About the other person, or the group: who is in it, and what one may change. */
import { useState } from "preact/hooks"
import type { Role } from "../../client/index.ts"
import { lookUp } from "../state/lookUp.ts"
import type { Conversation } from "../state/model.ts"
import { whereabouts } from "../text/time.ts"
import { Avatar } from "./Avatar.tsx"
import { Form } from "./Form.tsx"
import type { SignedIn } from "./handlers.ts"
import { MemberRow } from "./MemberRow.tsx"
import { Modal } from "./Modal.tsx"
import { PeopleField } from "./PeopleField.tsx"
import { Sure } from "./Sure.tsx"

interface Props extends SignedIn {
  readonly conversation: Conversation
  readonly onClose: () => void
}

const Person = ({ conversation: { with: user }, now, session, state }: Props) => {
  const presence = lookUp(state.presence, user)
  const blocked = state.blocked.includes(user)
  return (
    <div class="person">
      <Avatar name={user} kind="direct" online={presence?.online} />
      <p>
        <bdi>{user}</bdi>
      </p>
      <p class="soft">
        {whereabouts(presence, now)}
      </p>
      {user !== state.me && (
        <>
          <p class="soft">
            {blocked
              ? "You blocked this person: what they write does not reach you."
              : "What a blocked person writes does not reach you, and they are not told."}
          </p>
          <button
            type="button"
            class={blocked ? "primary" : "danger"}
            onClick={() => void session.setBlocked(user, !blocked)}
          >
            {blocked ? "Unblock" : "Block"}
          </button>
        </>
      )}
    </div>
  )
}

const Rename = ({ name, onRename }: { readonly name: string; readonly onRename: (name: string) => void }) => {
  const [text, setText] = useState(name)
  const isNew = text.trim() !== "" && text.trim() !== name
  return (
    <Form class="inline" onSubmit={() => isNew && onRename(text.trim())}>
      <label for="rename">Name of the group</label>
      <div>
        <input
          id="rename"
          type="text"
          dir="auto"
          autocomplete="off"
          maxlength={100}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button type="submit" disabled={!isNew}>Rename</button>
      </div>
    </Form>
  )
}

const AddMembers = ({ onAdd, taken }: {
  readonly taken: ReadonlyArray<string>
  readonly onAdd: (users: ReadonlyArray<string>) => Promise<boolean>
}) => {
  const [users, setUsers] = useState<ReadonlyArray<string>>([])
  const submit = async () => {
    if (users.length > 0 && await onAdd(users)) setUsers([])
  }
  return (
    <Form class="inline" onSubmit={submit}>
      <PeopleField label="Add members" users={users} taken={taken} onChange={setUsers} />
      {users.length > 0 && <button type="submit" class="primary">Add</button>}
    </Form>
  )
}

const Group = (props: Props) => {
  const { conversation, onClose, session, state } = props
  const { gone, info, with: group } = conversation
  if (info === undefined) return <p class="soft">{gone ? "You are no longer in this group." : "Loading…"}</p>
  const own: Role | undefined = info.members.find(({ user }) => user === state.me)?.role
  const manages = own === "owner" || own === "admin"
  return (
    <>
      {manages
        ? (
          <Rename
            key={conversation.name}
            name={conversation.name}
            onRename={(name) => void session.renameGroup(group, name)}
          />
        )
        : <p class="group-name" dir="auto">{conversation.name}</p>}
      <h3>{info.members.length} {info.members.length === 1 ? "member" : "members"}</h3>
      <ul class="members">
        {info.members.map((member) => (
          <MemberRow
            {...props}
            key={member.user}
            member={member}
            own={own}
            group={group}
          />
        ))}
      </ul>
      {manages && (
        <AddMembers
          taken={info.members.map(({ user }) => user)}
          onAdd={(users) => session.addMembers(group, users)}
        />
      )}
      {own !== undefined && (
        <footer>
          <Sure
            label="Leave group"
            question="Leave this group? Only an owner or admin can bring you back."
            onSure={() => void session.leaveGroup(group).then((left) => left && onClose())}
          />
        </footer>
      )}
    </>
  )
}

export const Details = (props: Props) => (
  <Modal {...props} title={props.conversation.kind === "group" ? "Group" : "Contact"}>
    {props.conversation.kind === "group" ? <Group {...props} /> : <Person {...props} />}
  </Modal>
)
