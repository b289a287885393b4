/** What a `GroupActor` is told. */
import { Effect } from "effect"
import type { ChatCommand, GroupInfoRequest } from "../../domain/ClientFrame.ts"
import { type ChatError, noConversation } from "../../domain/Errors.ts"
import type { GroupCommand } from "../../domain/groupRules.ts"
import type { UserId } from "../../domain/Ids.ts"
import { limited } from "../kernel/LogLimit.ts"
import { costOfStrangeGroup } from "../limits/FrameLimits.ts"
import type { GroupAudience } from "../session/Audience.ts"
import type { EncodedFrame } from "../session/EncodedFrame.ts"
import type { Requester } from "../session/Requester.ts"
import type { StoreError } from "../storage/MessageStore.ts"
import { groupLost } from "./groupAnswers.ts"

/** Who asked for a change of a group; the answer is the group as it is then. */
export interface GroupRequester extends Requester {
  readonly answer: (frame: EncodedFrame) => void
}

/** What a user asks of a group. Each is answered once, and settled by then. */
export type GroupRequest =
  | {
    readonly _tag: "Chat"
    readonly sender: UserId
    readonly command: ChatCommand
    readonly requester: Requester
    /** When the frame was read that says it, if it is one. */
    readonly readAt?: number | undefined
    /** They are out, as far as is known, and it may be a retry of what they said while they were in (P3). */
    readonly wasMember?: boolean
  }
  | {
    readonly _tag: "Change"
    readonly sender: UserId
    readonly command: GroupCommand
    readonly requester: GroupRequester
  }
  | {
    readonly _tag: "Info"
    readonly sender: UserId
    readonly command: GroupInfoRequest
    readonly requester: GroupRequester
  }
  /** For what is never stored: `use` gets the members as of now, or `refused` hears why not. */
  | {
    readonly _tag: "Members"
    readonly sender: UserId
    readonly use: (audience: GroupAudience) => void
    readonly refused: (error: ChatError) => void
    readonly charge?: ((cost: number) => void) | undefined
  }

export type GroupMessage =
  | GroupRequest
  | { readonly _tag: "Flush"; readonly done: () => void }
  /** The group may be another than the actor knows; look before going on. */
  | { readonly _tag: "Look" }

export type Of<Tag extends GroupMessage["_tag"]> = Extract<GroupMessage, { readonly _tag: Tag }>

/** Whether somebody waits for what becomes of it. */
export const isRequest = (message: GroupMessage): message is GroupRequest =>
  message._tag !== "Flush" && message._tag !== "Look"

export const Look: GroupMessage = { _tag: "Look" }

export const refuse = (message: GroupMessage, error: ChatError): void => {
  switch (message._tag) {
    case "Members":
      return message.refused(error)
    case "Flush":
      return message.done()
    case "Look":
      return
    case "Chat":
    case "Change":
    case "Info":
      message.requester.settled()
      message.requester.rejected(message.command.id, error)
      message.requester.flush()
  }
}

/** It was looked up, and there is no such group of theirs: whoever asks for many pays for the looks. */
export const refuseStranger = (message: GroupRequest): void => {
  if (message._tag === "Members") message.charge?.(costOfStrangeGroup)
  else message.requester.charge?.(costOfStrangeGroup)
  refuse(message, noConversation())
}

/** However it fails, its asker hears of it, and what stands behind it in the line goes on. */
export const refusing = (
  message: GroupRequest,
  effect: Effect.Effect<void, ChatError | StoreError>
): Effect.Effect<void> =>
  effect.pipe(
    Effect.catchTags({
      ChatError: (error) => Effect.sync(() => refuse(message, error)),
      StoreError: () => Effect.sync(() => refuse(message, groupLost()))
    }),
    Effect.catchDefect((defect) =>
      Effect.andThen(
        limited("GroupActor.defect", Effect.logError("GroupActor.defect", defect)),
        Effect.sync(() => refuse(message, groupLost()))
      )
    )
  )
