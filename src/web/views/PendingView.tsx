/** What was said and has not been accepted yet. */
import type { Session } from "../app/session.ts"
import type { Pending } from "../state/model.ts"
import { timeOf } from "../text/time.ts"
import { RichText } from "./RichText.tsx"
import { Room } from "./Room.tsx"
import { Ticks } from "./Ticks.tsx"

interface Props {
  readonly pending: Pending
  readonly session: Session
}

export const PendingView = ({ pending, session }: Props) => (
  <div class="message own waiting" role="article" aria-label={`You, ${timeOf(pending.at)}`}>
    <div class="bubble">
      <div class="text" dir="auto">
        <RichText text={pending.text} />
        <Room words={timeOf(pending.at)} ticked />
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
          onClick={() => session.sendAgain(pending)}
        >
          Send again
        </button>
        <button
          type="button"
          class="link"
          onClick={() =>
            session.discard(pending)}
        >
          Discard
        </button>
      </p>
    )}
  </div>
)
