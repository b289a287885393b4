/** Says that the connection is gone, what that means, and when the next attempt is. */
import { useMemo } from "preact/hooks"
import type { ClientState } from "../app/client.ts"
import { useCountdown } from "./hooks.ts"
import { Icon } from "./Icon.tsx"

interface Props {
  readonly link: ClientState
  readonly waiting: number
  readonly onAgain: () => void
  readonly onNow: () => void
}

const replaced = 4509

const closedText = (link: Extract<ClientState, { _tag: "Closed" }>): string =>
  link.code === replaced
    ? "This conversation was opened in another window."
    : `The connection was ended: ${link.reason}.`

const waitingText = (waiting: number): string =>
  waiting === 0
    ? "What you write now is sent later."
    : `${waiting} ${waiting === 1 ? "message waits" : "messages wait"} to be sent.`

export const Banner = ({ link, onAgain, onNow, waiting }: Props) => {
  const next = useMemo(() => link._tag === "Reconnecting" ? Date.now() + link.delayMillis : undefined, [link])
  const seconds = useCountdown(next)
  // The first connection takes no time; the list says that it is under way.
  if (link._tag === "Ready" || link._tag === "Connecting") return null
  if (link._tag === "Closed") {
    return (
      <div class="banner" role="status">
        <Icon name="alert" />
        <span>{closedText(link)}</span>
        <button type="button" onClick={onAgain}>Connect again</button>
      </div>
    )
  }
  return (
    <div class="banner">
      <Icon name="alert" />
      <span role="status">You are offline. {waitingText(waiting)}</span>
      <span class="countdown">{seconds > 0 ? `Next attempt in ${seconds} s` : "Connecting…"}</span>
      <button type="button" onClick={onNow}>Try now</button>
    </div>
  )
}
