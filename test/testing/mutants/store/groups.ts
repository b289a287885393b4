/** Groups, who looks after them, and the operator. */
import { system } from "../../../../src/domain/Ids.ts"
import type { Append } from "../../../../src/services/storage/MessageStore.ts"
import type { Mutants } from "../Mutant.ts"
import { appends, does, entries, forgetsIds, isAbout, isIn, lets, letsMove, refuses, some, store } from "./breaking.ts"

const inGroup = isIn("group")
const isDelete = ({ kind }: Append): boolean => kind === "delete"
const isText = ({ kind }: Append): boolean => kind === "text"
const byOperator = ({ sender }: Append): boolean => sender === system

export const groups: Mutants = {
  "groups: members, roles and name follow the log": store.answers(
    "group",
    (group) => group === undefined ? undefined : { ...group, name: "tea" }
  ),
  "groups: who was removed or left has no membership, no backlog and no place in the list": store.since(
    "commit",
    letsMove("not_found"),
    some(does("members_removed"))
  ),
  "groups: a new member sees from where they joined": store.answers(
    "membership",
    (membership) => membership === undefined ? undefined : { ...membership, firstVisible: 1 }
  ),
  "groups: who is in is not added again; who returns begins anew": lets("invalid_target", does("members_added")),
  "P8 a group is created once, and changes only its own conversation": lets("id_conflict", does("created")),
  "groups: what was never created is not there": lets("not_found", (append) => inGroup(append) && isText(append)),
  "P8 only present members append to a group": lets("not_a_member"),
  "groups: with history for all, a new member sees the log from its beginning": store.answers(
    "group",
    (group) => group === undefined ? undefined : { ...group, history: "joined" }
  ),
  "P8 groups: a change is judged by the roles at its place in the log, also within one batch": lets(
    "forbidden",
    does("renamed", "role_set")
  ),
  "groups: an owner stays and the bound on members holds, whoever changed the group before": appends(
    ({ maxMembers: _, ...append }) => append as Append
  ),
  "P8 groups: the version grows with every change, and comes with every entry": store.answers(
    "groupHead",
    (head) => head === undefined ? undefined : { ...head, version: 1 }
  ),
  "P8 groups: what was said before somebody came is not there for them, whatever they do with it": lets(
    "not_found",
    (append) => inGroup(append) && isAbout(append)
  ),
  "groups: with history for all, what was said before is there for who comes": store.since(
    "commit",
    refuses("not_found", isAbout),
    some((append) => append.kind === "group" && append.change.action === "created" && append.change.history === "all")
  ),
  "P8 what a block keeps from somebody is not there for them, also when it is over": store.since(
    "setBlock",
    lets("not_found", isAbout)
  )
}

export const moderation: Mutants = {
  "P8 moderation: owners and admins delete others' texts and change none; members delete their own": lets(
    "forbidden",
    (append) => inGroup(append) && isDelete(append)
  ),
  "P8 moderation: what an admin does not see is not there for them to delete": lets(
    "not_found",
    (append) => inGroup(append) && isDelete(append)
  ),
  "P8 moderation: a direct conversation has nobody who looks after it": lets(
    "forbidden",
    (append) => isIn("dm")(append) && isDelete(append)
  ),
  "P8 moderation: who is banned is out and stays out, whoever tries, until they are let in again": lets(
    "forbidden",
    does("members_added")
  ),
  "moderation: a group keeps so many out and not more": lets("forbidden", does("members_banned")),
  "moderation: a group is described by its owners and admins, as a retry, too": lets("forbidden", does("described"))
}

export const operator: Mutants = {
  "P8 the operator deletes anybody's text, and nothing else": refuses(
    "not_found",
    (append) => byOperator(append) && isDelete(append)
  ),
  "P8 the operator says nothing of their own": lets("not_found", (append) => byOperator(append) && isText(append)),
  "groups: the operator changes them as an owner would, also within one batch, and an owner stays": lets(
    "forbidden",
    byOperator
  ),
  "P3 a group that the operator begins is begun once": forgetsIds(byOperator),
  "an erasure of whoever said it, before or after, leaves what the operator did": store.since(
    "eraseUser",
    entries((entry) => entry.kind === "delete" ? { ...entry, sender: "nobody" as typeof entry.sender } : entry)
  )
}
