/** What the app that embeds the server says in the name of a user. */
import { Effect } from "effect"
import type { ChatMessage } from "../../domain/ClientFrame.ts"
import * as Conversation from "../../domain/Conversation.ts"
import type { NewAttachment } from "../../domain/entries/Attachment.ts"
import type { Mentions } from "../../domain/entries/Mentions.ts"
import type { JsonObject } from "../../domain/entries/MessageData.ts"
import type { ChatError } from "../../domain/Errors.ts"
import { decode } from "../../domain/FrameCodec.ts"
import type { ClientId, ConversationId, GroupId, UserId } from "../../domain/Ids.ts"
import type { DataCheck } from "../MessageDataSchema.ts"
import type { Requester } from "../session/Requester.ts"
import { groupOf, recipientOf } from "../session/targets.ts"
import type { ServerMessage } from "./ServerMessage.ts"

export type SendOptions = {
  readonly sender: UserId
  /** May be empty where there are files or data. */
  readonly text: string
  /** Files of the sender, as the uploads answered them, and what is to be said of each. */
  readonly attachments?: ReadonlyArray<NewAttachment>
  /** Members of the conversation; to a group, `["@all"]` where the sender is an owner or admin. */
  readonly mentions?: Mentions
  /** The app's own, at most 4 KiB; it has to fit the app's `MessageDataSchema`, if there is one. */
  readonly data?: JsonObject
  /** Makes a retry safe: the same id with the same text, files, mentions and data is one message (P3). */
  readonly id?: ClientId
  /** The `seq` of the message that this one answers. */
  readonly replyTo?: number
} & ({ readonly recipient: UserId } | { readonly group: GroupId } | { readonly conversation: ConversationId })

interface Said {
  readonly command: ChatMessage
  readonly message: (requester: Requester) => ServerMessage
}

/** As the frame of a client would be, with its rules for what a text may be. */
export const saidByApp = Effect.fnUntraced(function*(
  { attachments, data, id, mentions, replyTo, sender, text, ...to }: SendOptions,
  { dataCheck, maxTextBytes }: { readonly maxTextBytes: number; readonly dataCheck: DataCheck }
): Effect.fn.Return<Said, ChatError> {
  const frame = { type: "chat_message", id, ...to, text, reply_to: replyTo, attachments, mentions, data }
  const decoded = decode(JSON.stringify(frame), maxTextBytes)
  if (decoded._tag === "Invalid") return yield* decoded.error
  // The frame that was written down above.
  const command = decoded.frame as ChatMessage
  const misfit = dataCheck(command)
  if (misfit !== undefined) return yield* misfit
  const group = groupOf(command)
  if (group !== undefined) {
    return {
      command,
      message: (requester) => ({ _tag: "Group", group, message: { _tag: "Chat", sender, command, requester } })
    }
  }
  const recipient = recipientOf(command, sender)
  if (typeof recipient !== "string") return yield* recipient
  const conversation = Conversation.direct(sender, recipient)
  return {
    command,
    message: (requester) => ({
      _tag: "UserChat",
      sender,
      recipient,
      conversation,
      command,
      requester,
      byApp: true
    })
  }
})
