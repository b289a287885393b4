/** What the app that embeds the server says in the name of a user. */
import { Effect } from "effect"
import type { ChatMessage } from "../../domain/ClientFrame.ts"
import * as Conversation from "../../domain/Conversation.ts"
import type { ChatError } from "../../domain/Errors.ts"
import { decode } from "../../domain/FrameCodec.ts"
import type { ClientId, ConversationId, GroupId, UserId } from "../../domain/Ids.ts"
import type { Requester } from "../session/Requester.ts"
import { groupOf, recipientOf } from "../session/targets.ts"
import type { ServerMessage } from "./ServerMessage.ts"

export type SendOptions = {
  readonly sender: UserId
  readonly text: string
  /** Makes a retry safe: the same id with the same text is one message (P3). */
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
  { id, replyTo, sender, text, ...to }: SendOptions,
  maxTextBytes: number
): Effect.fn.Return<Said, ChatError> {
  const decoded = decode(JSON.stringify({ type: "chat_message", id, ...to, text, reply_to: replyTo }), maxTextBytes)
  if (decoded._tag === "Invalid") return yield* decoded.error
  const command = decoded.frame as ChatMessage
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
