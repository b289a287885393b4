/** About the other person, or the group: who is in it, and what one may change. */
import { useEffect, useState } from "preact/hooks"
import type { Role } from "../../client/index.ts"
import { lookUp } from "../state/lookUp.ts"
import type { Conversation } from "../state/model.ts"
import { whereabouts } from "../text/time.ts"
import { words } from "../words/index.ts"
import { Form } from "./Form.tsx"
import { Banned } from "./groups/Banned.tsx"
import { EditGroup, ShowGroup } from "./groups/GroupProfile.tsx"
import { Invites } from "./groups/Invites.tsx"
import type { SignedIn } from "./handlers.ts"
import { MemberRow } from "./MemberRow.tsx"
import { Modal } from "./Modal.tsx"
import { Copy } from "./people/Copy.tsx"
import { PersonMark } from "./people/Mark.tsx"
import { Name } from "./people/names.tsx"
import { PeopleField } from "./PeopleField.tsx"
import { Sure } from "./Sure.tsx"

interface Props extends SignedIn {
  readonly conversation: Conversation
  readonly onClose: () => void
}

const Person = ({ conversation: { with: user }, now, session, state }: Props) => {
  const presence = lookUp(state.presence, user)
  const blocked = state.blocked.includes(user)
  const status = lookUp(state.people, user)?.status
  useEffect(() => session.loadPerson(user), [user])
  return (
    <div class="person">
      <PersonMark user={user} online={presence?.online} />
      <p>
        <Name user={user} />
      </p>
      {status !== undefined && <p class="soft self-text" dir="auto">{status}</p>}
      <p class="soft">
        {whereabouts(presence, now)}
      </p>
      <Copy text={user} label={words.people.copyId} />
      {user !== state.me && (
        <>
          <p class="soft">
            {blocked
              ? words.details.blocked
              : words.details.notBlocked}
          </p>
          <button
            type="button"
            class={blocked ? "primary" : "danger"}
            onClick={() => void session.setBlocked(user, !blocked)}
          >
            {blocked ? words.details.unblock : words.details.block}
          </button>
        </>
      )}
    </div>
  )
}

const AddMembers = ({ onAdd, session, state, taken }: Pick<SignedIn, "session" | "state"> & {
  readonly taken: ReadonlyArray<string>
  readonly onAdd: (users: ReadonlyArray<string>) => Promise<boolean>
}) => {
  const [users, setUsers] = useState<ReadonlyArray<string>>([])
  const submit = async () => {
    if (users.length > 0 && await onAdd(users)) setUsers([])
  }
  return (
    <Form class="inline" onSubmit={submit}>
      <PeopleField
        session={session}
        state={state}
        label={words.details.addMembers}
        users={users}
        taken={taken}
        onChange={setUsers}
      />
      {users.length > 0 && <button type="submit" class="primary">{words.details.add}</button>}
    </Form>
  )
}

const Group = (props: Props) => {
  const { conversation, onClose, session, state } = props
  const { gone, info, with: group } = conversation
  if (info === undefined) return <p class="soft">{gone ? words.composer.gone : words.page.loading}</p>
  const own: Role | undefined = info.members.find(({ user }) => user === state.me)?.role
  const manages = own === "owner" || own === "admin"
  return (
    <>
      {manages ? <EditGroup {...props} /> : <ShowGroup {...props} />}
      <h3>{words.details.members(info.members.length)}</h3>
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
          session={session}
          state={state}
          taken={info.members.map(({ user }) => user)}
          onAdd={(users) => session.addMembers(group, users)}
        />
      )}
      {manages && <Invites group={group} session={session} />}
      {manages && info.banned !== undefined && info.banned.length > 0 && (
        <Banned
          banned={info.banned}
          onUnban={(user) => void session.unbanMember(group, user)}
        />
      )}
      {own !== undefined && (
        <footer>
          <Sure
            label={words.details.leave}
            question={words.details.leaveQuestion}
            onSure={() => void session.leaveGroup(group).then((left) => left && onClose())}
          />
        </footer>
      )}
    </>
  )
}

export const Details = (props: Props) => (
  <Modal {...props} title={props.conversation.kind === "group" ? words.details.group : words.details.contact}>
    {props.conversation.kind === "group" ? <Group {...props} /> : <Person {...props} />}
  </Modal>
)
