/** Who is kept out of a group; its owners and admins let them in again. */
import type { GroupInfo } from "../../../client/index.ts"
import { words } from "../../words/index.ts"
import { PersonMark } from "../people/Mark.tsx"
import { Name, useNames } from "../people/names.tsx"

interface Props {
  readonly banned: GroupInfo["banned"] & {}
  readonly onUnban: (user: string) => void
}

export const Banned = ({ banned, onUnban }: Props) => {
  const names = useNames()
  return (
    <section>
      <h3>{words.groups.banned}</h3>
      <ul class="members">
        {banned.map(({ reason, user }) => (
          <li key={user}>
            <PersonMark user={user} small />
            <span class="member-name">
              <Name user={user} />
              {reason !== undefined && <span class="soft id-below" dir="auto">{reason}</span>}
            </span>
            <button type="button" aria-label={words.groups.unban(names.within(user))} onClick={() => onUnban(user)}>
              {words.groups.letIn}
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
