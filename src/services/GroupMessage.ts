/** What a `GroupActor` is told. */
import type { ChatCommand, GroupInfoRequest } from "../domain/ClientFrame.ts"
import type { ChatError } from "../domain/Errors.ts"
import type { UserId } from "../domain/Ids.ts"
import type { GroupAudience } from "./Audience.ts"
import type { GroupCommand } from "./groupRules.ts"
import type { Outbound } from "./Outbound.ts"
import type { Origin } from "./UserMessage.ts"

/** Who asked for a change of a group; the answer is the group as it is then. */
export interface GroupOrigin extends Origin {
  readonly answer: (frame: Outbound) => void
}

export type GroupMessage =
  | { readonly _tag: "Chat"; readonly sender: UserId; readonly command: ChatCommand; readonly origin: Origin }
  | { readonly _tag: "Change"; readonly sender: UserId; readonly command: GroupCommand; readonly origin: GroupOrigin }
  | { readonly _tag: "Info"; readonly sender: UserId; readonly command: GroupInfoRequest; readonly origin: GroupOrigin }
  /** For what is never stored: `use` gets the members as of now, or `refused` hears why not. */
  | {
    readonly _tag: "Members"
    readonly from: UserId
    readonly use: (audience: GroupAudience) => void
    readonly refused: (error: ChatError) => void
  }
  | { readonly _tag: "Flush"; readonly done: () => void }
