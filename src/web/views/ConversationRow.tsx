/** One line of the list: who, what was said last, when, and how much of it is unread. */
import type { Conversation } from "../state/model.ts"
import type { Preview } from "../state/selectors.ts"
import { mutedUntil } from "../state/wishes.ts"
import { moment } from "../text/time.ts"
import { words } from "../words/index.ts"
import { classes } from "./classes.ts"
import { memo } from "./hooks.ts"
import { Icon } from "./Icon.tsx"
import { ConversationMark } from "./people/Mark.tsx"
import { Name } from "./people/names.tsx"
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
  const { id, kind, lastAt, mentions, name, typing, unread, wishes, with: peer } = conversation
  const isNew = unread > 0 || wishes.markedUnread === true
  const muted = mutedUntil(conversation, now) !== undefined
  return (
    <li>
      <button
        type="button"
        class={classes({ row: true, current, unread: isNew, muted })}
        aria-current={current ? "true" : "false"}
        tabIndex={reachable ? 0 : -1}
        onClick={() => onOpen(id)}
      >
        <ConversationMark conversation={conversation} online={online} />
        <span class="row-text">
          <span class="row-line">
            {kind === "direct" ? <Name class="name" user={peer} /> : <bdi class="name">{name}</bdi>}
            {muted && (
              <span class="sign" role="img" aria-label={words.settings.muted} title={words.settings.muted}>
                <Icon name="mute" />
              </span>
            )}
            <time class="soft">{moment(lastAt, now)}</time>
          </span>
          <span class="row-line">
            {typing.length > 0 ?
              <span class="preview typing-now">{words.list.typing}</span> :
              (
                <span class={classes({ preview: true, faint: soft === true })}>
                  {tick !== undefined && <Ticks tick={tick} />}
                  <span dir="auto">{text}</span>
                </span>
              )}
            {mentions > 0 && (
              <span class="badge at" role="img" aria-label={words.mentions.unread(mentions)}>
                {mentions > 1 ? `@${mentions}` : "@"}
              </span>
            )}
            {unread === 0 && isNew && <span class="badge mark" role="img" aria-label={words.settings.markedUnread} />}
            {unread > 0 && (
              <span class="badge" role="img" aria-label={words.list.unread(unread)}>
                {unread > 999 ? "999+" : unread}
              </span>
            )}
          </span>
        </span>
      </button>
    </li>
  )
})
