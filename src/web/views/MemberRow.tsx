/** One member of a group, with what the user may do about them. */
import type { Member } from "../../domain/Entry.ts"
import type { Role } from "../app/client.ts"
import { Avatar } from "./Avatar.tsx"
import { Icon } from "./Icon.tsx"
import { Sure } from "./Sure.tsx"

interface Props {
  readonly member: Member
  readonly me: string
  /** The user's own role; `undefined` for one who has left. */
  readonly own: Role | undefined
  readonly online: boolean | undefined
  readonly onRole: (role: Role) => void
  readonly onRemove: () => void
}

const roles: ReadonlyArray<Role> = ["owner", "admin", "member"]

export const MemberRow = ({ me, member: { role, user }, onRemove, onRole, online, own }: Props) => {
  const mayRemove = user !== me && (own === "owner" || (own === "admin" && role === "member"))
  return (
    <li>
      <Avatar name={user} kind="direct" online={user === me ? true : online} small />
      <span class="member-name">
        <bdi>{user}</bdi>
        {user === me && <span class="soft">{" (you)"}</span>}
      </span>
      {own === "owner" && user !== me
        ? (
          <select
            aria-label={`Role of ${user}`}
            value={role}
            onChange={(event) => onRole(event.currentTarget.value as Role)}
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
          onSure={onRemove}
        >
          <Icon name="close" />
        </Sure>
      )}
    </li>
  )
}
