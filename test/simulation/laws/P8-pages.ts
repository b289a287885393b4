/** P8: nobody reads an entry that is not theirs. */
import type { Facts } from "../Facts.ts"
import type { Violated } from "../violation.ts"
import { rightsOf } from "./reading.ts"

export const read = ({ devices, logs }: Facts, violated: Violated): void => {
  for (const { label, pages, user } of devices) {
    for (const { frame: { conversation, messages } } of pages) {
      const log = logs.get(conversation)
      const rights = log === undefined ? undefined : rightsOf(conversation, log, user)
      const alien = messages.find(({ seq }) => rights?.may(seq) !== true)
      if (alien !== undefined) violated("nobody reads what is not theirs", `${label}: ${conversation} ${alien.seq}`)
    }
  }
}
