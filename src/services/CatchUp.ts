/** Reads from the store what a device has not confirmed and writes it to its connection, at the connection's pace. */
import { Effect } from "effect"
import * as Conversation from "../domain/Conversation.ts"
import type { Entry } from "../domain/Entry.ts"
import type { ConversationId } from "../domain/Ids.ts"
import { pushFrame } from "../domain/Pushes.ts"
import * as ActorScheduler from "./ActorScheduler.ts"
import type { Connection } from "./Connection.ts"
import { Outbound } from "./Outbound.ts"
import { veil } from "./storage/blockSpans.ts"
import type { MessageStore, StoreError } from "./storage/MessageStore.ts"
import type { UserRef } from "./UserRef.ts"

const pageSize = 100
/** While the socket holds more than this, nothing more is read for it. */
const highWaterBytes = 65_536

const taken = (connection: Connection): Effect.Effect<void> =>
  Effect.callback((resume) => connection.whenTaken(() => resume(Effect.void)))

/** Said while its reader had its sender blocked. */
const isHidden = (ref: UserRef, entry: Entry): boolean => entry.kind !== "group" && ref.blocks.withholds(entry)

/** Plain connections hear only messages, and only those of others, or of themselves to themselves. */
const concerns = (ref: UserRef, conversation: ConversationId, entry: Entry): boolean => {
  if (ref.level === "v1") return true
  if (entry.kind !== "text" || entry.deleted === true) return false
  return entry.sender !== ref.user || conversation === Conversation.direct(ref.user, ref.user)
}

/**
 * One pass over all conversations in which the device is behind, up to the heads as they are found. It begins where
 * earlier passes ended and answers how far it came. It never holds more than a page and `highWaterBytes`.
 */
export const catchUp = Effect.fnUntraced(function*(
  store: MessageStore["Service"],
  ref: UserRef
): Effect.fn.Return<ReadonlyMap<ConversationId, number>, StoreError> {
  const sent = new Map(ref.outbox.sent)
  const { connection, device, user } = ref
  let after: ConversationId | undefined
  while (true) {
    const page = yield* store.behind({
      user,
      device,
      limit: pageSize,
      ...(after === undefined ? undefined : { after })
    })
    for (const { conversation, head, received } of page) {
      let position = Math.max(received, sent.get(conversation) ?? 0)
      let pushed = false
      while (position < head) {
        // Whoever is taken out of a group loses what is left of it at that moment.
        if (Conversation.isGroup(conversation) && (yield* store.membership(conversation, user)) === undefined) break
        const { entries } = yield* store.history({ conversation, after: position, limit: pageSize })
        for (const entry of entries) {
          if (entry.seq > head) break
          if (isHidden(ref, entry)) {
            position = entry.seq
            // The client will not confirm what it does not get; after something unconfirmed it waits its turn.
            if (!pushed) ref.moveCursor("received", conversation, position)
            continue
          }
          pushed = true
          if (concerns(ref, conversation, entry)) {
            connection.write([
              new Outbound(pushFrame(conversation, veil(ref.blocks, entry)), conversation, entry.seq)
            ])
            if (connection.buffered() > highWaterBytes) yield* taken(connection)
          }
          position = entry.seq
          ref.entryPushed(conversation, position)
        }
        if (entries.length === 0) break
        sent.set(conversation, position)
        // Others have their turn between two pages.
        yield* ActorScheduler.nextTurn
      }
    }
    if (page.length < pageSize) return sent
    after = page.at(-1)!.conversation
  }
})
