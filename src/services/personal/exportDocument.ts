/** What is stored about a user, part by part, and as one JSON document. */
import { blockedNow } from "../../domain/blockSpans.ts"
import * as Conversation from "../../domain/Conversation.ts"
import { defined } from "../../domain/defined.ts"
import type { Entry } from "../../domain/Entry.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import type { StoredMembership, UserExport } from "../storage/MessageStore.ts"
import type { FilePart } from "./fileParts.ts"

/** The user, then each conversation and after it its entries, then each file and after it its content. */
export type ExportPart =
  | { readonly type: "user"; readonly value: object }
  | { readonly type: "conversation"; readonly value: object }
  | { readonly type: "entries"; readonly conversation: ConversationId; readonly entries: ReadonlyArray<Entry> }
  | FilePart

const profileFields = ({ avatar, name, source, status }: NonNullable<UserExport["profile"]>) => ({
  name,
  avatar,
  status,
  source
})

export const userPart = (
  { bans, blocks, devices, lastSeen, profile, pushSubscriptions, readPrivately, reports, user }: UserExport
): ExportPart => ({
  type: "user",
  value: {
    user,
    ...defined({
      profile: profile === undefined
        ? undefined
        : { ...defined(profileFields(profile)), updated_at: profile.updatedAt },
      last_seen: lastSeen,
      read_privately: readPrivately,
      push_subscriptions: pushSubscriptions,
      reports
    }),
    bans,
    blocked: blockedNow(blocks),
    blocks,
    devices
  }
})

export const conversationPart = (
  { conversation, firstVisible, ...rest }: StoredMembership,
  user: UserId
): ExportPart => {
  const parsed = Conversation.parse(conversation)
  return {
    type: "conversation",
    value: {
      conversation,
      ...defined({
        group: parsed?.kind === "group" ? parsed.group : undefined,
        peer: parsed?.kind === "direct" ? Conversation.peerOf(parsed.users, user) : undefined
      }),
      first_visible: firstVisible,
      ...rest
    }
  }
}

/** An object without its closing brace. */
const opened = (value: object): string => JSON.stringify(value).slice(0, -1)

const ends = { nothing: "", conversation: "]}", file: "}", content: "\"}" }

/** One JSON document, in which every conversation has its entries and every file its content. */
export const makeDocument = () => {
  let isInFiles = false
  /** What is not closed yet. */
  let open: keyof typeof ends = "nothing"
  /** Of the list at hand. */
  let items = 0
  let entries = 0

  const next = (now: keyof typeof ends): string => {
    const end = ends[open]
    open = now
    return end
  }

  const item = (kind: "conversation" | "file", value: object): string => {
    const end = next(kind)
    return `${end}${items++ === 0 ? "" : ","}\n${opened(value)}`
  }

  /** After the conversations. */
  const files = (): string => {
    if (isInFiles) return ""
    isInFiles = true
    items = 0
    return `${next("nothing")}],\n"files":[`
  }

  return {
    part: (part: ExportPart): string => {
      switch (part.type) {
        case "user":
          return `${opened(part.value)},"conversations":[`
        case "conversation":
          entries = 0
          return `${item("conversation", part.value)},"entries":[`
        case "entries":
          return part.entries.map((entry) => `${entries++ === 0 ? "" : ","}\n${JSON.stringify(entry)}`).join("")
        case "file":
          return files() + item("file", part.value)
        case "file_content": {
          const begun = open === "content" ? "" : ",\"content\":\""
          open = "content"
          return begun + part.base64
        }
      }
    },
    end: (): string => `${files()}${next("nothing")}]}\n`
  }
}
