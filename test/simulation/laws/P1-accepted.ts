/** P1: whatever a client was told is kept is in the store, at the place that it was told. */
import type { ConversationId } from "../../../src/domain/Ids.ts"
import type { Facts } from "../Facts.ts"
import type { Violated } from "../violation.ts"

export const accepted = ({ devices, logs }: Facts, violated: Violated): void => {
  for (const { accepted, label } of devices) {
    for (const { conversation, message_id, seq } of accepted) {
      const entry = logs.get(conversation as ConversationId)?.[seq - 1]
      if (entry?.message_id !== message_id) {
        violated("accepted means kept", `${label} was told ${conversation} ${seq}, and ${message_id} is not there`)
      }
    }
  }
}
