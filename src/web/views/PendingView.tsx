/** What was said and has not been accepted yet. */
import type { Pending } from "../state/model.ts"
import { timeOf } from "../text/time.ts"
import { RichText } from "./RichText.tsx"
import { Room, roomFor } from "./Room.tsx"
import { Ticks } from "./Ticks.tsx"

interface Props {
  readonly pending: Pending
  readonly onSendAgain: (pending: Pending) => void
  readonly onDiscard: (pending: Pending) => void
}

export const PendingView = ({ onDiscard, onSendAgain, pending }: Props) => (
  <div class="message own waiting" role="article" aria-label={`You, ${timeOf(pending.at)}`}>
    <div class="bubble">
      <div class="text" dir="auto">
        <RichText text={pending.text} />
        <Room width={roomFor(timeOf(pending.at), true)} />
      </div>
      <span class="meta">
        <time dateTime={new Date(pending.at).toISOString()}>{timeOf(pending.at)}</time>
        <Ticks tick={pending.failed === undefined ? "pending" : "failed"} />
      </span>
    </div>
    {pending.failed !== undefined && (
      <p class="failure" role="alert">
        {pending.failed}{" "}
        <button
          type="button"
          class="link"
          onClick={() => onSendAgain(pending)}
        >
          Send again
        </button>
        <button
          type="button"
          class="link"
          onClick={() =>
            onDiscard(pending)}
        >
          Discard
        </button>
      </p>
    )}
  </div>
)
