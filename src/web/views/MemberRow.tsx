/** One member of a group, with what the user may do about them. */
import type { Role } from "../../client/index.ts"
import type { Member } from "../../domain/Entry.ts"
import { lookUp } from "../state/lookUp.ts"
import { words } from "../words/index.ts"
import { AskReason } from "./groups/AskReason.tsx"
import type { SignedIn } from "./handlers.ts"
import { Icon } from "./Icon.tsx"
import { PersonMark } from "./people/Mark.tsx"
import { IdBelow, Name, useNames } from "./people/names.tsx"

interface Props extends SignedIn {
  readonly member: Member
  readonly group: string
  /** The user's own role; `undefined` for one who has left. */
  readonly own: Role | undefined
}

const roles: ReadonlyArray<Role> = ["owner", "admin", "member"]

export const MemberRow = ({ group, member: { role, user }, own, session, state: { me, presence } }: Props) => {
  const online = user === me || lookUp(presence, user)?.online
  const mayRemove = user !== me && (own === "owner" || (own === "admin" && role === "member"))
  const shown = useNames().within(user)
  return (
    <li>
      <PersonMark user={user} online={online} small />
      <span class="member-name">
        <Name user={user} />
        {user === me && <span class="soft">{` ${words.details.you}`}</span>}
        <IdBelow user={user} />
      </span>
      {own === "owner" && user !== me
        ? (
          <select
            aria-label={words.details.roleOf(shown)}
            value={role}
            onChange={(event) => void session.setRole(group, user, event.currentTarget.value as Role)}
          >
            {roles.map((each) => (
              <option key={each} value={each} selected={each === role}>{words.details.roles[each]}</option>
            ))}
          </select>
        )
        : <span class="soft">{words.details.roles[role]}</span>}
      {mayRemove && (
        <AskReason
          class="quiet round"
          label={words.details.remove(shown)}
          question={words.details.removeQuestion(shown)}
          more={words.groups.keepOut}
          onSure={(reason, banned) =>
            void (banned ? session.banMember(group, user, reason) : session.removeMember(group, user, reason))}
        >
          <Icon name="close" />
        </AskReason>
      )}
    </li>
  )
}
