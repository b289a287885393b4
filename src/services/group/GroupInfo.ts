/** A group as it is told to whoever asks. */
import { Effect } from "effect"
import * as Conversation from "../../domain/Conversation.ts"
import { defined } from "../../domain/defined.ts"
import { notInGroup } from "../../domain/Errors.ts"
import type { GroupBan, GroupDetails } from "../../domain/groupDetails.ts"
import { isManager, type Members } from "../../domain/groupRules.ts"
import { type GroupId, system, type UserId } from "../../domain/Ids.ts"
import type { Shown, ShownPeople } from "../files/ShownPeople.ts"
import { EncodedFrame } from "../session/EncodedFrame.ts"
import type { GroupState } from "../storage/GroupState.ts"
import { type Of, refuse } from "./GroupMessage.ts"

/** As the store knows it. */
export const detailsOf = ({ avatar, banned = [], description, history, name }: GroupState): GroupDetails => ({
  name,
  history,
  ...defined({ description, avatar }),
  banned: new Map(
    banned.map(({ reason, user }): [GroupBan["user"], GroupBan] => [user, { user, ...defined({ reason }) }])
  )
})

/** As much of how members are shown goes into one answer, in UTF-16 units, so that no group is more than a client takes. */
const mostNames = 200_000

const membersOf = (members: Members, shown: ReadonlyMap<UserId, Shown>) => {
  let left = mostNames
  return Array.from(members, ([user, role]) => {
    const { avatar_url: url, name } = shown.get(user) ?? {}
    left -= (name?.length ?? 0) + (url?.length ?? 0)
    return left < 0 || (name === undefined && url === undefined)
      ? { user, role }
      : { user, role, ...defined({ name, avatar_url: url }) }
  })
}

type Asked = Of<"Info"> | Of<"Change">

/** Encodes a group once for each version of it, however often it is asked for, as long as its members have no names. */
export class GroupInfo {
  readonly #group: GroupId
  readonly #people: Pick<ShownPeople["Service"], "shown" | "pictureUrl">
  #version: object | undefined
  #facts = ""

  constructor(group: GroupId, people: Pick<ShownPeople["Service"], "shown" | "pictureUrl">) {
    this.#group = group
    this.#people = people
  }

  /** Of this version of the group, with how its members are shown to the asker, which is looked up. */
  answer(
    message: Asked,
    version: { readonly members: Members },
    details: GroupDetails,
    headSeq: number
  ): Effect.Effect<void> {
    const { command, requester, sender } = message
    const { members } = version
    // A retry of who came in and is out again.
    if (command.type === "join_group" && !members.has(sender)) return Effect.sync(() => refuse(message, notInGroup()))
    return this.#people.shown(sender, Array.from(members.keys())).pipe(
      Effect.catchDefect(() => Effect.succeed(new Map<UserId, Shown>())),
      Effect.map((shown) => {
        const asked = command.id === undefined ? "" : `"id":${JSON.stringify(command.id)},`
        const more = sender === system || isManager(members.get(sender))
          ? Array.from(details.banned.values())
          : undefined
        requester.settled()
        requester.answer(
          new EncodedFrame(
            `{"type":"group_info",${asked}"head_seq":${headSeq},${this.#factsOf(version, details, shown)}${
              this.#pictureOf(details)
            }${more === undefined ? "" : `,"banned":${JSON.stringify(more)}`}}`
          )
        )
        requester.flush()
      })
    )
  }

  #factsOf(
    version: { readonly members: Members },
    { avatar, description, history, name }: GroupDetails,
    shown: ReadonlyMap<UserId, Shown>
  ): string {
    if (shown.size === 0 && this.#version === version) return this.#facts
    const group = this.#group
    const members = membersOf(version.members, shown)
    const facts = { group, conversation: Conversation.group(group), name, members, history }
    const encoded = JSON.stringify({ ...facts, ...defined({ description, avatar }) }).slice(1, -1)
    if (shown.size > 0) return encoded
    this.#version = version
    return this.#facts = encoded
  }

  /** Its path is signed for a while, so it is not a part of the version. */
  #pictureOf({ avatar }: GroupDetails): string {
    if (avatar === undefined) return ""
    return `,"avatar_url":${JSON.stringify(this.#people.pictureUrl({ file: avatar, name: "picture" }))}`
  }
}
