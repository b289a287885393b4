/** What one wants of a conversation for oneself: not to be told of it, to have it out of the way, to read it later. */
import { useState } from "preact/hooks"
import type { MuteLength } from "../app/wishes.ts"
import type { Conversation } from "../state/model.ts"
import { isForGood, mutedUntil } from "../state/wishes.ts"
import { fullTimeOf } from "../text/time.ts"
import { words } from "../words/index.ts"
import type { SignedIn } from "./handlers.ts"
import { Menu, type MenuItem } from "./Menu.tsx"

interface Props extends SignedIn {
  readonly conversation: Conversation
  /** Closes it: whoever stays in it reads it. */
  readonly onLeave: () => void
}

const lengths: ReadonlyArray<MuteLength> = ["hour", "hours", "week", "good"]

export const ConversationMenu = ({ conversation, now, onLeave, session }: Props) => {
  const [mentions, setMentions] = useState(false)
  const { settings } = words
  const until = mutedUntil(conversation, now)
  const archived = conversation.wishes.archived === true
  const muting: ReadonlyArray<MenuItem> = until === undefined
    ? [
      ...lengths.map((length): MenuItem => ({
        label: settings.muteFor[length],
        icon: "mute",
        onChoose: () => void session.mute(conversation, length, mentions)
      })),
      { label: settings.mentionsToo, checked: mentions, onChoose: () => setMentions(!mentions) }
    ]
    : [{
      label: isForGood(until) ? settings.unmute : settings.unmuteBefore(fullTimeOf(until)),
      icon: "mute",
      onChoose: () => void session.unmute(conversation)
    }]
  const items = (): ReadonlyArray<MenuItem> => [
    ...muting,
    {
      label: archived ? settings.unarchive : settings.archive,
      icon: "box",
      onChoose: () => void session.setArchived(conversation, !archived)
    },
    {
      label: settings.markUnread,
      icon: "eye",
      onChoose: () => {
        onLeave()
        void session.markUnread(conversation)
      }
    }
  ]
  return <Menu icon="more" label={settings.menu} items={items} />
}
