/** Files on their way from a terminal: what is shown of each meanwhile, and how they are given up. */
import { Deferred, Effect } from "effect"
import { ClientError } from "../../client/ClientError.ts"
import type { UploadProgress } from "../../client/Upload.ts"
import { sizeText } from "../../domain/sizeText.ts"
import { harmless } from "./text.ts"

/** One that goes up. */
interface Going {
  readonly cancelled: Deferred.Deferred<never, ClientError>
  line: string
}

/** How far it is; before the first progress it waits for others. */
export const progressLine = (name: string, progress?: UploadProgress): string => {
  if (progress === undefined) return `↑ ${harmless(name)} waits for other files`
  const { attempt, reason = "", sent, total } = progress
  const how = total === undefined
    ? `${sizeText(sent)}`
    : `${total === 0 ? 100 : Math.floor(sent / total * 100)} % of ${sizeText(total)}`
  return `↑ ${harmless(name)} ${how}${attempt === 1 ? "" : `, begun again: ${harmless(reason)}`}`
}

export class Sending {
  readonly #going = new Set<Going>()

  /** A line for each. */
  get lines(): ReadonlyArray<string> {
    return Array.from(this.#going, ({ line }) => line)
  }

  begin(name: string): Going {
    const going = { cancelled: Deferred.makeUnsafe<never, ClientError>(), line: progressLine(name) }
    this.#going.add(going)
    return going
  }

  end(going: Going): void {
    this.#going.delete(going)
  }

  /** Gives up all of them; answers how many there were. */
  cancel(): number {
    const all = Array.from(this.#going)
    for (const { cancelled } of all) {
      Deferred.doneUnsafe(
        cancelled,
        Effect.fail(new ClientError({ reason: "cancelled", message: "The file is not sent any more." }))
      )
    }
    return all.length
  }
}
