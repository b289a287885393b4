/** How one is told of messages on this device. */
import { useState } from "preact/hooks"
import type { Permission } from "../../app/notify/desk.ts"
import type { Shown } from "../../text/note.ts"
import { words } from "../../words/index.ts"
import type { SignedIn } from "../handlers.ts"
import { Modal } from "../Modal.tsx"
import { Switch } from "./Switch.tsx"
import { useAttention } from "./useAttention.ts"

interface Props extends SignedIn {
  readonly onClose: () => void
}

const shows = ["full", "name", "nothing"] as const

const problemOf = (permission: Permission): string | undefined => {
  const { denied, insecure, unsupported } = words.notifications
  return permission === "denied"
    ? denied
    : permission === "insecure"
    ? insecure
    : permission === "unsupported"
    ? unsupported
    : undefined
}

const Push = ({ session: { attention, me } }: Pick<Props, "session">) => {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const { push, pushFailed, pushHint, pushTaken } = words.notifications
  const { push: whose } = attention.choices.now
  const blocked = problemOf(attention.permission())
  const change = (on: boolean) => {
    setBusy(true)
    setProblem(undefined)
    const done = on ? attention.push.on() : attention.push.off()
    done.catch(() => setProblem(pushFailed)).finally(() => setBusy(false))
  }
  return (
    <>
      <Switch
        label={push}
        hint={blocked ?? (whose === undefined || whose === me ? pushHint : pushTaken(whose))}
        on={whose === me && blocked === undefined}
        disabled={busy || blocked !== undefined}
        onChange={change}
      />
      {problem !== undefined && <p class="problem" role="alert">{problem}</p>}
    </>
  )
}

export const Notifications = (props: Props) => {
  const { session, state } = props
  const attention = useAttention(session.attention)
  const { choices } = attention
  const { desktop, show, sound } = choices.now
  const permission = attention.permission()
  const problem = problemOf(permission)
  const { notifications: text } = words
  return (
    <Modal {...props} title={text.title} class="notifications">
      <Switch
        label={text.desktop}
        hint={problem ?? text.desktopHint}
        on={desktop && permission === "granted"}
        disabled={problem !== undefined}
        onChange={(on) => on ? void attention.question.yes() : choices.change({ desktop: false })}
      />
      <Switch
        label={text.sound}
        hint={text.soundHint}
        on={sound}
        onChange={(on) => {
          choices.change({ sound: on })
          if (on) attention.ring()
        }}
      />
      {state.link._tag === "Ready" && state.link.welcome.push === true && attention.canPush && (
        <Push session={session} />
      )}
      <label>
        {text.show}
        <select
          value={show}
          // The options are of these.
          onChange={(event) => choices.change({ show: event.currentTarget.value as Shown })}
        >
          {shows.map((each) => <option key={each} value={each}>{text.shows[each]}</option>)}
        </select>
      </label>
      <p class="soft">{text.quiet}</p>
    </Modal>
  )
}
