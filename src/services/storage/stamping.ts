/** What a commit with a stamp tells the other servers, said once for all stores that have a journal. */
import type { GroupChange } from "../../domain/entries/Group.ts"
import type { ConversationId } from "../../domain/Ids.ts"
import type { Run } from "./Journal.ts"
import type { Append, AppendResult } from "./MessageStore.ts"
import type { Epoch, Position } from "./Position.ts"
import type { ConversationRow } from "./Rows.ts"
import type { UnitOfWork } from "./UnitOfWork.ts"

/** Servers of the first version of the journal know these; others they would follow wrongly. */
const firstChanges: ReadonlySet<GroupChange["action"]> = new Set([
  "created",
  "members_added",
  "members_removed",
  "left",
  "role_set",
  "renamed"
])

const isLater = (append: Append): boolean => append.kind === "group" && !firstChanges.has(append.change.action)

interface Stamped {
  /** The same, and of fresh entries which commit wrote before them. */
  readonly results: ReadonlyArray<AppendResult>
  readonly runs: ReadonlyArray<Run>
}

/** What an erasure wrote meanwhile has no position: then it is that of the entry before. */
const headOf = (
  { head_epoch: epoch, head_offset: offset }: ConversationRow,
  isKnown: (epoch: Epoch) => boolean
): Position | undefined => epoch !== null && offset !== null && isKnown(epoch) ? { epoch, offset } : undefined

/** Called when the appends have been applied, and before anything is written. */
export const stampAppends = (
  work: Pick<UnitOfWork, "conversation" | "putConversation">,
  { epoch, offset }: Position,
  appends: ReadonlyArray<Append>,
  results: ReadonlyArray<AppendResult>,
  isKnown: (epoch: Epoch) => boolean
): Stamped => {
  const runs = new Map<ConversationId, Run>()
  const stamped = results.map((result, i): AppendResult => {
    if (result._tag === "Rejected" || result.duplicate) return result
    const { conversation } = appends[i]!
    const { seq, version } = result
    const run = runs.get(conversation)
    const after = run === undefined ? headOf(work.conversation(conversation)!, isKnown) : { epoch, offset }
    runs.set(conversation, {
      ...(run ?? { conversation, from: seq, ...(after === undefined ? undefined : { after }) }),
      to: seq,
      ...(version === undefined ? undefined : { version }),
      ...(isLater(appends[i]!) ? { isLater: true } : undefined)
    })
    return after === undefined ? result : { ...result, after }
  })
  for (const id of runs.keys()) {
    work.putConversation({ ...work.conversation(id)!, head_epoch: epoch, head_offset: offset })
  }
  return { results: stamped, runs: Array.from(runs.values()) }
}
