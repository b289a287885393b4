/** One member of a group, with what the user may do about them. */
import type { Role } from "../../client/index.ts"
import type { Member } from "../../domain/Entry.ts"
import { lookUp } from "../state/lookUp.ts"
import { Avatar } from "./Avatar.tsx"
import type { SignedIn } from "./handlers.ts"
import { Icon } from "./Icon.tsx"
import { Sure } from "./Sure.tsx"

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
  return (
    <li>
      <Avatar name={user} kind="direct" online={online} small />
      <span class="member-name">
        <bdi>{user}</bdi>
        {user === me && <span class="soft">{" (you)"}</span>}
      </span>
      {own === "owner" && user !== me
        ? (
          <select
            aria-label={`Role of ${user}`}
            value={role}
            onChange={(event) => void session.setRole(group, user, event.currentTarget.value as Role)}
          >
            {roles.map((each) => <option key={each} value={each} selected={each === role}>{each}</option>)}
          </select>
        )
        : <span class="soft">{role}</span>}
      {mayRemove && (
        <Sure
          class="quiet round"
          label={`Remove ${user}`}
          question={`Remove ${user} from the group?`}
          onSure={() => void session.removeMember(group, user)}
        >
          <Icon name="close" />
        </Sure>
      )}
    </li>
  )
}
