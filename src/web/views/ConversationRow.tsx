/** One line of the list: who, what was said last, when, and how much of it is unread. */
import type { Conversation } from "../state/model.ts"
import type { Preview } from "../state/selectors.ts"
import { moment } from "../text/time.ts"
import { Avatar } from "./Avatar.tsx"
import { classes } from "./classes.ts"
import { memo } from "./hooks.ts"
import { Ticks } from "./Ticks.tsx"

interface Props extends Preview {
  readonly conversation: Conversation
  readonly online: boolean | undefined
  readonly current: boolean
  readonly reachable: boolean
  readonly now: number
  readonly onOpen: (id: string) => void
}

export const ConversationRow = memo((props: Props) => {
  const { conversation, current, now, online, onOpen, reachable, soft, text, tick } = props
  const { id, kind, lastAt, name, typing, unread } = conversation
  return (
    <li>
      <button
        type="button"
        class={classes({ row: true, current, unread: unread > 0 })}
        aria-current={current ? "true" : "false"}
        tabIndex={reachable ? 0 : -1}
        onClick={() => onOpen(id)}
      >
        <Avatar name={name} kind={kind} online={online} />
        <span class="row-text">
          <span class="row-line">
            <bdi class="name">{name}</bdi>
            <time class="soft">{moment(lastAt, now)}</time>
          </span>
          <span class="row-line">
            {typing.length > 0 ?
              <span class="preview typing-now">typing…</span> :
              (
                <span class={classes({ preview: true, faint: soft === true })}>
                  {tick !== undefined && <Ticks tick={tick} />}
                  <span dir="auto">{text}</span>
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
})
