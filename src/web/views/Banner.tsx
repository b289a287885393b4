/** Says that the connection is gone, what that means, and when the next attempt is. */
import { useMemo } from "preact/hooks"
import type { ClientState } from "../../client/index.ts"
import * as CloseCode from "../../domain/CloseCode.ts"
import type { State } from "../state/model.ts"
import { useCountdown } from "./hooks.ts"
import { Icon } from "./Icon.tsx"

interface Props {
  readonly state: State
  readonly onAgain: () => void
  readonly onNow: () => void
}

/** By close code, in the words of people; the others are the server's own sentences. */
const closedTexts: Readonly<Record<number, string>> = {
  [CloseCode.InvalidCredentials.code]: "The server does not know you any longer.",
  [CloseCode.CredentialsExpired.code]: "Your sign-in has ended.",
  [CloseCode.Kicked.code]: "An administrator ended this connection.",
  [CloseCode.Replaced.code]: "This conversation was opened in another window.",
  [CloseCode.TooManyInvalidFrames.code]: "The page and the server do not understand each other; reload the page.",
  [CloseCode.Flood.code]: "You sent too much at once."
}

const closedText = ({ code = 0, reason }: Extract<ClientState, { _tag: "Closed" }>): string =>
  closedTexts[code] ?? `The connection was ended: ${reason.replace(/\.$/, "")}.`

const waitingText = ({ pending }: State): string => {
  const waiting = pending.filter(({ failed }) => failed === undefined).length
  if (waiting === 0) return "What you write now is sent later."
  return `${waiting} ${waiting === 1 ? "message waits" : "messages wait"} to be sent.`
}

export const Banner = ({ onAgain, onNow, state }: Props) => {
  const { link } = state
  const next = useMemo(() => link._tag === "Reconnecting" ? Date.now() + link.delayMillis : undefined, [link])
  const seconds = useCountdown(next)
  // The first connection takes no time; the list says that it is under way.
  if (link._tag === "Ready" || link._tag === "Connecting") return null
  const isClosed = link._tag === "Closed"
  return (
    <div class="banner" role="region" aria-label="Connection">
      <Icon name="alert" />
      <span role="status">{isClosed ? closedText(link) : "You are offline."} {waitingText(state)}</span>
      {!isClosed && <span class="countdown">{seconds > 0 ? `Next attempt in ${seconds} s` : "Connecting…"}</span>}
      <button type="button" onClick={isClosed ? onAgain : onNow}>{isClosed ? "Connect again" : "Try now"}</button>
    </div>
  )
}
