/** Links that let whoever has one into a group: made, handed on and taken back by its owners and admins. */
import { useEffect, useState } from "preact/hooks"
import { type Invitation, linkOf } from "../../app/invites.ts"
import type { Session } from "../../app/session.ts"
import { fullTimeOf } from "../../text/time.ts"
import { words } from "../../words/index.ts"
import { Form } from "../Form.tsx"
import { Icon } from "../Icon.tsx"
import { Copy } from "../people/Copy.tsx"
import { Sure } from "../Sure.tsx"

interface Props {
  readonly group: string
  readonly session: Session
}

type Ends = keyof typeof words.groups.endsIn
type Uses = keyof typeof words.groups.usesOf

const day = 86_400_000
const lasts: Readonly<Record<Ends, number | undefined>> = { day, week: 7 * day, never: undefined }
const often: Readonly<Record<Uses, number | undefined>> = { one: 1, ten: 10, any: undefined }

const Choice = <A extends string>({ label, onChange, options, value }: {
  readonly label: string
  readonly value: A
  readonly options: Readonly<Record<A, string>>
  readonly onChange: (value: A) => void
}) => (
  <label>
    {label}
    <select value={value} onChange={(event) => onChange(event.currentTarget.value as A)}>
      {Object.entries<string>(options).map(([key, text]) => (
        <option key={key} value={key} selected={key === value}>{text}</option>
      ))}
    </select>
  </label>
)

const Row = ({ invitation: { expires_at, invite, uses_left }, onRevoke }: {
  readonly invitation: Invitation
  readonly onRevoke: () => void
}) => (
  <li>
    <span class="invite">
      <Copy text={linkOf(invite)} label={words.groups.copyLink} />
      <span class="soft">
        {[
          expires_at === undefined ? words.groups.endsNever : words.groups.endsAt(fullTimeOf(expires_at)),
          ...(uses_left === undefined ? [] : [words.groups.usesLeft(uses_left)])
        ].join(", ")}
      </span>
    </span>
    <Sure
      class="quiet round"
      label={words.groups.revoke}
      question={words.groups.revokeQuestion}
      onSure={onRevoke}
    >
      <Icon name="close" />
    </Sure>
  </li>
)

export const Invites = ({ group, session }: Props) => {
  const [invites, setInvites] = useState<ReadonlyArray<Invitation>>()
  const [ends, setEnds] = useState<Ends>("week")
  const [uses, setUses] = useState<Uses>("any")
  useEffect(() => void session.loadInvites(group).then(setInvites), [group])

  const create = async () => {
    const [length, count] = [lasts[ends], often[uses]]
    const made = await session.createInvite(group, {
      ...(length === undefined ? undefined : { expiresAt: Date.now() + length }),
      ...(count === undefined ? undefined : { uses: count })
    })
    if (made !== undefined) setInvites((before = []) => [made, ...before])
  }
  const revoke = async (invite: string) => {
    if (await session.revokeInvite(invite)) setInvites((before = []) => before.filter((each) => each.invite !== invite))
  }
  return (
    <section>
      <h3>{words.groups.invites}</h3>
      {invites !== undefined && (
        <ul class="invites">
          {invites.map((each) => <Row key={each.invite} invitation={each} onRevoke={() => void revoke(each.invite)} />)}
        </ul>
      )}
      <Form class="new-invite" onSubmit={create}>
        <Choice label={words.groups.ends} value={ends} options={words.groups.endsIn} onChange={setEnds} />
        <Choice label={words.groups.uses} value={uses} options={words.groups.usesOf} onChange={setUses} />
        <button type="submit">{words.groups.createInvite}</button>
      </Form>
    </section>
  )
}
