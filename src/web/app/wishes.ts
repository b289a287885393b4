/** What the user wants of conversations for themself: muted, archived, unread; and of all of them. */
import type { SimpleClient } from "../../client/index.ts"
import { forGood } from "../../domain/frames/Preferences.ts"
import { targetOf } from "../state/conversations.ts"
import type { Conversation } from "../state/model.ts"
import type { Store } from "../state/store.ts"
import type { Notices } from "./notices.ts"

export type MuteLength = "hour" | "hours" | "week" | "good"

const hour = 3_600_000
const lengths: Readonly<Record<Exclude<MuteLength, "good">, number>> = { hour, hours: 8 * hour, week: 168 * hour }

export const makeWishes = (client: SimpleClient, store: Store, { attempt }: Notices) => {
  const { dispatch } = store

  return {
    mute: async (conversation: Conversation, length: MuteLength, mentions: boolean): Promise<void> => {
      const until = length === "good" ? undefined : Date.now() + lengths[length]
      const options = { ...(until === undefined ? undefined : { until }), ...(mentions ? { mentions } : undefined) }
      const muted = await attempt(client.mute(targetOf(conversation), options))
      if (muted === undefined) return
      dispatch({ type: "muted", conversation: muted.conversation, until: muted.until ?? forGood, mentions })
    },
    unmute: async (conversation: Conversation): Promise<void> => {
      const muted = await attempt(client.unmute(targetOf(conversation)))
      if (muted !== undefined) dispatch({ type: "muted", conversation: muted.conversation, until: 0, mentions: false })
    },
    setArchived: async (conversation: Conversation, archived: boolean): Promise<void> => {
      const target = targetOf(conversation)
      const settings = await attempt(archived ? client.archive(target) : client.unarchive(target))
      if (settings !== undefined) dispatch({ type: "wishes", settings })
    },
    /** For one that is not open: whoever is in it would read it at once. */
    markUnread: async (conversation: Conversation): Promise<void> => {
      const settings = await attempt(client.markUnread(targetOf(conversation)))
      if (settings !== undefined) dispatch({ type: "wishes", settings })
    },
    loadSettings: async (): Promise<void> => {
      await client.settings().then(
        ({ read_privately }) => dispatch({ type: "settings", readPrivately: read_privately }),
        () => {}
      )
    },
    setReadPrivately: async (readPrivately: boolean): Promise<void> => {
      const settings = await attempt(client.settings({ readPrivately }))
      if (settings !== undefined) dispatch({ type: "settings", readPrivately: settings.read_privately })
    }
  }
}
