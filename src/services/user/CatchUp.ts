/** Reads from the store what a device has not confirmed and writes it to its connection, at the connection's pace. */
import { Effect } from "effect"
import { crossesNoBlock, redact } from "../../domain/blockSpans.ts"
import * as Conversation from "../../domain/Conversation.ts"
import { pushFrame, rulesOf } from "../../domain/entries/index.ts"
import type { Entry } from "../../domain/Entry.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import * as ActorScheduler from "../kernel/ActorScheduler.ts"
import type { Connection } from "../session/Connection.ts"
import { EncodedFrame } from "../session/EncodedFrame.ts"
import type { Behind, MessageStore, StoreError } from "../storage/MessageStore.ts"
import type { UserRef } from "./UserRef.ts"

/** What a pass asks the store. */
export interface Backlog extends Pick<MessageStore["Service"], "behind" | "history" | "membership"> {
  /** Waits until this user may look at more conversations, which others do not have to wait for. */
  readonly turn: (user: UserId) => Effect.Effect<void>
}

const pageSize = 100

const taken = (connection: Connection): Effect.Effect<void> =>
  Effect.callback((resume) => connection.whenTaken(() => resume(Effect.void)))

/** Said while its reader had its sender blocked. */
const isHidden = (ref: UserRef, conversation: ConversationId, entry: Entry): boolean =>
  crossesNoBlock(entry.kind, Conversation.isGroup(conversation)) && ref.blocks.withholds(entry)

/** Plain connections hear only messages, and only those of others, or of themselves to themselves. */
const concerns = (ref: UserRef, conversation: ConversationId, entry: Entry): boolean => {
  if (ref.level === "v1") return true
  if (!rulesOf(entry.kind).isPlain || ("deleted" in entry && entry.deleted === true)) return false
  return entry.sender !== ref.user || conversation === Conversation.direct(ref.user, ref.user)
}

const frameOf = (ref: UserRef, conversation: ConversationId, entry: Entry) =>
  new EncodedFrame(pushFrame(conversation, redact(ref.blocks, entry)), conversation, entry.seq)

/** Up to `head`, unless the connection ends or the user is taken out of the group meanwhile. */
const catchUpWith = Effect.fnUntraced(function*(
  store: Backlog,
  ref: UserRef,
  { conversation, head, received }: Behind
): Effect.fn.Return<void, StoreError> {
  const { connection, delivered, sendQueue, user } = ref
  let position = Math.max(received, sendQueue.sentUpTo(conversation))
  while (position < head && sendQueue.takes(conversation)) {
    // Whoever is taken out of a group loses what is left of it at that moment; also where nobody could say so here.
    if (Conversation.isGroup(conversation) && (yield* store.membership(conversation, user)) === undefined) return
    const { entries } = yield* store.history({ conversation, after: position, limit: pageSize })
    for (const entry of entries) {
      while (ref.blocks.isChanging && isHidden(ref, conversation, entry)) yield* ref.blocks.decided()
      // Much may have happened while the page was read, and since.
      if (entry.seq > head || !sendQueue.takes(conversation)) return
      position = entry.seq
      if (isHidden(ref, conversation, entry) || !concerns(ref, conversation, entry)) {
        delivered.passedOver(conversation, position)
      } else if (!sendQueue.send(frameOf(ref, conversation, entry))) {
        return
      } else {
        delivered.fromStore()
      }
      sendQueue.passed(conversation, position)
      if (sendQueue.isFull) yield* taken(connection)
    }
    if (entries.length === 0) return
    // Others have their turn between two pages.
    yield* ActorScheduler.nextTurn
  }
})

/**
 * One pass over all conversations behind `from` in which the device is behind, up to the heads as they are found. It begins
 * where earlier passes ended, holds no more than a page beside what the socket has to take, and ends with the connection.
 */
export const catchUp = Effect.fnUntraced(function*(
  store: Backlog,
  ref: UserRef,
  from?: ConversationId
): Effect.fn.Return<void, StoreError> {
  const { device, sendQueue, user } = ref
  let after = from
  while (sendQueue.isOpen) {
    const page = yield* store.behind({
      user,
      device,
      limit: pageSize,
      ...(after === undefined ? undefined : { after })
    })
    for (const behind of page.items) yield* catchUpWith(store, ref, behind)
    if (page.next === undefined) return
    after = page.next
    // Whoever has a hundred thousand conversations lets others have their turns; a page that is full has taken its time.
    yield* page.items.length < pageSize ? store.turn(user) : ActorScheduler.nextTurn
  }
})
