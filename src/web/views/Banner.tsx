/** Says that the connection is gone, what that means, and when the next attempt is. */
import { useMemo } from "preact/hooks"
import type { ClientState } from "../../client/index.ts"
import * as CloseCode from "../../domain/CloseCode.ts"
import type { State } from "../state/model.ts"
import { words } from "../words/index.ts"
import { useCountdown } from "./hooks.ts"
import { Icon } from "./Icon.tsx"

interface Props {
  readonly state: State
  readonly onAgain: () => void
  readonly onNow: () => void
}

/** By close code, in the words of people; the others are the server's own sentences. */
const closedWords: Readonly<
  Record<number, "unknownUser" | "expired" | "kicked" | "replaced" | "misunderstood" | "flood">
> = {
  [CloseCode.InvalidCredentials.code]: "unknownUser",
  [CloseCode.CredentialsExpired.code]: "expired",
  [CloseCode.Kicked.code]: "kicked",
  [CloseCode.Replaced.code]: "replaced",
  [CloseCode.TooManyInvalidFrames.code]: "misunderstood",
  [CloseCode.Flood.code]: "flood"
}

const closedText = ({ code = 0, reason }: Extract<ClientState, { _tag: "Closed" }>): string => {
  const word = closedWords[code]
  return word === undefined ? words.connection.ended(reason.replace(/\.$/, "")) : words.connection[word]
}

const waitingText = ({ pending }: State): string => {
  const waiting = pending.filter(({ failed }) => failed === undefined).length
  return waiting === 0 ? words.connection.writeNow : words.connection.waiting(waiting)
}

export const Banner = ({ onAgain, onNow, state }: Props) => {
  const { link } = state
  const next = useMemo(() => link._tag === "Reconnecting" ? Date.now() + link.delayMillis : undefined, [link])
  const seconds = useCountdown(next)
  // The first connection takes no time; the list says that it is under way.
  if (link._tag === "Ready" || link._tag === "Connecting") return null
  const isClosed = link._tag === "Closed"
  return (
    <div class="banner" role="region" aria-label={words.connection.label}>
      <Icon name="alert" />
      <span role="status">{isClosed ? closedText(link) : words.connection.offline} {waitingText(state)}</span>
      {!isClosed && (
        <span class="countdown">
          {seconds > 0 ? words.connection.nextAttempt(seconds) : words.connection.connecting}
        </span>
      )}
      <button type="button" onClick={isClosed ? onAgain : onNow}>
        {isClosed ? words.connection.again : words.connection.now}
      </button>
    </div>
  )
}
