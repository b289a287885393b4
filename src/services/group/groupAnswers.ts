/** What a group's actor answers: the refusals that it gives in several places, and the group as it is. */
import type { GroupHistory } from "../../domain/Entry.ts"
import * as Errors from "../../domain/Errors.ts"
import type { Members } from "../../domain/groupRules.ts"
import type { ClientId, ConversationId, GroupId } from "../../domain/Ids.ts"
import { EncodedFrame } from "../session/EncodedFrame.ts"

export const groupLost = () => Errors.unavailable("The group cannot be used at the moment; send it again.", 1_000)

export const groupBusy = () =>
  Errors.overloaded("The group is busy; send it again with the same id in a moment.", 1_000)

export const tooManyQuestions = () =>
  Errors.overloaded("You ask about groups faster than they can be looked up; ask again in a moment.", 1_000)

export interface GroupFacts {
  readonly group: GroupId
  readonly conversation: ConversationId
  readonly name: string
  readonly history: GroupHistory
  readonly members: Members
}

/** Encodes a group once for each version of it, however often it is asked for. */
export class GroupInfoFrames {
  #version: object | undefined
  #facts = ""

  of(
    version: object,
    { conversation, group, history, members, name }: GroupFacts,
    id: ClientId | undefined,
    headSeq: number
  ): EncodedFrame {
    if (this.#version !== version) {
      this.#version = version
      this.#facts = JSON.stringify({
        group,
        conversation,
        name,
        members: Array.from(members, ([user, role]) => ({ user, role })),
        history
      }).slice(1)
    }
    const asked = id === undefined ? "" : `"id":${JSON.stringify(id)},`
    return new EncodedFrame(`{"type":"group_info",${asked}"head_seq":${headSeq},${this.#facts}`)
  }
}
