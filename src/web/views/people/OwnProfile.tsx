/** How one is shown to others, and what one wants of all conversations. */
import { useEffect, useState } from "preact/hooks"
import { lookUp } from "../../state/lookUp.ts"
import { words } from "../../words/index.ts"
import { Form } from "../Form.tsx"
import type { SignedIn } from "../handlers.ts"
import { Modal } from "../Modal.tsx"
import { Copy } from "./Copy.tsx"
import { PersonMark } from "./Mark.tsx"
import { Name } from "./names.tsx"
import { PictureField } from "./PictureField.tsx"

interface Props extends SignedIn {
  readonly onClose: () => void
}

/** A line of one's profile, saved by itself. */
const Line = ({ hint, id, label, max, onSave, value }: {
  readonly id: string
  readonly label: string
  readonly hint: string
  /** In UTF-16 units: the server counts characters, of which some have twelve. */
  readonly max: number
  readonly value: string
  readonly onSave: (text: string) => Promise<boolean>
}) => {
  const [text, setText] = useState(value)
  const [saved, setSaved] = useState(false)
  useEffect(() => setText(value), [value])
  const isNew = text.trim() !== value
  const save = async () => {
    if (isNew && await onSave(text.trim())) setSaved(true)
  }
  return (
    <Form class="inline" onSubmit={save}>
      <label for={id}>{label}</label>
      <div>
        <input
          id={id}
          type="text"
          dir="auto"
          autocomplete="off"
          maxlength={max}
          value={text}
          aria-describedby={`${id}-hint`}
          onInput={(event) => {
            setSaved(false)
            setText(event.currentTarget.value)
          }}
        />
        <button type="submit" disabled={!isNew}>{words.people.save}</button>
      </div>
      <p id={`${id}-hint`} class="soft" role="status">{saved && !isNew ? words.people.saved : hint}</p>
    </Form>
  )
}

const Blocked = ({ session, state: { blocked } }: Props) => (
  <section>
    <h3>{words.people.blocked}</h3>
    {blocked.length === 0 ? <p class="soft">{words.people.nobodyBlocked}</p> : (
      <ul class="members">
        {blocked.map((user) => <BlockedRow key={user} user={user} onUnblock={() => session.setBlocked(user, false)} />)}
      </ul>
    )}
  </section>
)

const BlockedRow = ({ onUnblock, user }: { readonly user: string; readonly onUnblock: () => Promise<unknown> }) => (
  <li>
    <PersonMark user={user} small />
    <span class="member-name">
      <Name user={user} />
    </span>
    <button type="button" onClick={() => void onUnblock()}>{words.details.unblock}</button>
  </li>
)

export const OwnProfile = (props: Props) => {
  const { session, state } = props
  const { me, people, readPrivately } = state
  const person = lookUp(people, me)
  useEffect(() => {
    session.loadPerson(me)
    void session.loadSettings()
  }, [])
  const picture = person?.picture
  return (
    <Modal {...props} title={words.people.profile}>
      <PictureField
        there={picture !== undefined}
        onChoose={session.setOwnPicture}
        onRemove={() => session.setProfile({ avatar: "" })}
      >
        <PersonMark user={me} />
      </PictureField>
      <Line
        id="own-name"
        label={words.people.name}
        hint={words.people.nameHint}
        max={768}
        value={person?.name ?? ""}
        onSave={(name) => session.setProfile({ name })}
      />
      <Line
        id="own-status"
        label={words.people.status}
        hint={words.people.statusHint}
        max={1_200}
        value={person?.status ?? ""}
        onSave={(status) => session.setProfile({ status })}
      />
      <section>
        <h3>{words.people.id}</h3>
        <Copy text={me} label={words.people.copyId} />
      </section>
      {readPrivately !== undefined && (
        <section>
          <label class="check">
            <input
              type="checkbox"
              role="switch"
              checked={readPrivately}
              onChange={(event) => void session.setReadPrivately(event.currentTarget.checked)}
            />
            {words.settings.readPrivately}
          </label>
          <p class="soft">{words.settings.readPrivatelyHint}</p>
        </section>
      )}
      <Blocked {...props} />
    </Modal>
  )
}
