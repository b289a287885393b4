/** What the user is told that went wrong. */
import { ClientError } from "../../client/index.ts"
import type { Notice } from "../state/model.ts"
import type { Store } from "../state/store.ts"
import { sentenceOf } from "../text/problems.ts"
import { words } from "../words/index.ts"

const shownMillis = 8_000

/** The client is at its end: nothing that is asked of it now will be answered. */
export const hasEnded = (error: unknown): boolean =>
  error instanceof ClientError && (error.reason === "closed" || error.reason === "refused")

export const makeNotices = ({ dispatch }: Store) => {
  let last = 0
  const notify = (error: unknown) => {
    const id = ++last
    dispatch({ type: "notice", id, text: sentenceOf(error) })
    setTimeout(() => dispatch({ type: "dismissed", id }), shownMillis)
  }
  return {
    notify,
    /** Something to look at, which stays until somebody has. */
    point: (text: string, place: Notice["place"] & {}) => dispatch({ type: "notice", id: ++last, text, place }),
    /** Shows what went wrong, unless it is that the connection has ended, which the page says anyway. */
    heed: (error: unknown) => {
      if (!hasEnded(error)) notify(error)
    },
    /** What was refused is told to the user, and the rest goes on. */
    attempt: <A>(promise: Promise<A>): Promise<A | undefined> =>
      promise.catch((error: unknown) => {
        notify(hasEnded(error) ? words.problems.notConnected : error)
        return undefined
      })
  }
}

export type Notices = ReturnType<typeof makeNotices>
