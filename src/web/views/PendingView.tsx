/** What was said and has not been accepted yet. */
import type { Session } from "../app/session.ts"
import type { Pending } from "../state/model.ts"
import type { Upload } from "../state/upload.ts"
import { filesOf } from "../state/uploads.ts"
import { timeOf } from "../text/time.ts"
import { words } from "../words/index.ts"
import { Files } from "./files/Files.tsx"
import { Uploads } from "./files/Uploads.tsx"
import { useMark } from "./mentions/useMark.tsx"
import { RichText } from "./RichText.tsx"
import { Room } from "./Room.tsx"
import { Ticks } from "./Ticks.tsx"

interface Props {
  readonly pending: Pending
  /** Files that it waits for. */
  readonly uploads: ReadonlyArray<Upload>
  readonly session: Session
}

const nothing = () => {}
const noLinks = () => Promise.resolve()

export const PendingView = ({ pending, session, uploads }: Props) => {
  const { at, attachments, failed, mentions, text, uploading } = pending
  const mark = useMark(mentions, session.me)
  return (
    <div
      class="message own waiting"
      role="article"
      aria-label={words.message.label({ me: true, name: "" }, timeOf(at))}
    >
      <div class="bubble">
        {uploading === true && failed === undefined && (
          <Uploads uploads={uploads} session={session} label={words.pending.waitsFor} />
        )}
        {attachments !== undefined && (
          <Files
            attachments={filesOf(pending)}
            seq={0}
            handlers={{ view: nothing, renew: noLinks, ownPicture: session.ownPicture }}
          />
        )}
        <div class="text" dir="auto">
          <RichText text={text} mark={mark} />
          <Room words={timeOf(at)} ticked />
        </div>
        <span class="meta">
          <time dateTime={new Date(at).toISOString()}>{timeOf(at)}</time>
          <Ticks tick={failed === undefined ? "pending" : "failed"} />
        </span>
      </div>
      {failed !== undefined && (
        <p class="failure" role="alert">
          {failed} {(text.trim() !== "" || attachments !== undefined) && (
            <button
              type="button"
              class="link"
              onClick={() => session.sendAgain(pending)}
            >
              {words.pending.sendAgain}
            </button>
          )}
          <button type="button" class="link" onClick={() => session.discard(pending)}>{words.pending.discard}</button>
        </p>
      )}
      {uploading === true && failed === undefined && (
        <p class="failure">
          <button type="button" class="link" onClick={() => session.discard(pending)}>{words.pending.doNotSend}</button>
        </p>
      )}
    </div>
  )
}
