/** One line of the list: who, what was said last, when, and how much of it is unread. */
import type { Conversation } from "../state/model.ts"
import type { Preview } from "../state/selectors.ts"
import { moment } from "../text/time.ts"
import { Avatar } from "./Avatar.tsx"
import { memo } from "./hooks.ts"
import { Ticks } from "./Ticks.tsx"

interface Props {
  readonly conversation: Conversation
  readonly preview: Preview
  readonly typing: boolean
  readonly online: boolean | undefined
  readonly current: boolean
  readonly reachable: boolean
  readonly now: number
  readonly onOpen: (id: string) => void
}

const same = (a: Props, b: Props): boolean =>
  a.conversation === b.conversation && a.preview.text === b.preview.text && a.preview.tick === b.preview.tick &&
  a.typing === b.typing && a.online === b.online && a.current === b.current && a.reachable === b.reachable &&
  a.now === b.now

export const ConversationRow = memo((props: Props) => {
  const { conversation, current, now, online, onOpen, preview, reachable, typing } = props
  const { id, kind, lastAt, name, unread } = conversation
  return (
    <li>
      <button
        type="button"
        class={`row${current ? " current" : ""}${unread > 0 ? " unread" : ""}`}
        aria-current={current ? "true" : "false"}
        tabIndex={reachable ? 0 : -1}
        onClick={() => onOpen(id)}
      >
        <Avatar name={name} kind={kind} online={online} />
        <span class="row-text">
          <span class="row-line">
            <bdi class="name">{name}</bdi>
            <time class="soft">{lastAt > 0 ? moment(lastAt, now) : ""}</time>
          </span>
          <span class="row-line">
            {typing ?
              <span class="preview typing-now">typing…</span> :
              (
                <span class={`preview${preview.soft === true ? " faint" : ""}`}>
                  {preview.tick !== undefined && <Ticks tick={preview.tick} />}
                  <span dir="auto">{preview.text}</span>
                </span>
              )}
            {unread > 0 && (
              <span class="badge" role="img" aria-label={`${unread} unread`}>{unread > 999 ? "999+" : unread}</span>
            )}
          </span>
        </span>
      </button>
    </li>
  )
}, same)
