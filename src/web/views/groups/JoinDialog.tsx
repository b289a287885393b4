/** Asks whoever came by a link into a group whether they want in. */
import { useState } from "preact/hooks"
import { words } from "../../words/index.ts"
import type { SignedIn } from "../handlers.ts"
import { Modal } from "../Modal.tsx"

interface Props extends SignedIn {
  readonly invite: string
  readonly onJoined: (conversation: string) => void
  readonly onClose: () => void
}

export const JoinDialog = (props: Props) => {
  const { invite, onClose, onJoined, session, state } = props
  const [busy, setBusy] = useState(false)
  const join = async () => {
    setBusy(true)
    const conversation = await session.join(invite)
    setBusy(false)
    if (conversation === undefined) return
    onClose()
    onJoined(conversation)
  }
  return (
    <Modal {...props} title={words.groups.joinTitle}>
      <p>{words.groups.joinText}</p>
      <footer>
        <button type="button" onClick={onClose}>{words.groups.notNow}</button>
        <button
          type="button"
          class="primary"
          data-first
          disabled={busy || state.link._tag !== "Ready"}
          onClick={() => void join()}
        >
          {words.groups.join}
        </button>
      </footer>
    </Modal>
  )
}
