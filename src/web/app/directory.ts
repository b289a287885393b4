/** Looks for people by the beginning of their name or id, as seldom as it can: the server answers ten times a minute. */
import type { SimpleClient } from "../../client/index.ts"
import type { Profile } from "../../domain/Profile.ts"
import type { Store } from "../state/store.ts"
import { skeletonOf } from "../text/lookAlikes.ts"

const perAnswer = 20
const minuteMillis = 60_000
/** One is left for another tab. */
const perMinute = 9
const maxKept = 200
const shortest = 2

type Answers = Map<string, ReadonlyArray<Profile>>

/** Whether a name, a word of it, or the id begins so. */
export const beginsSo = ({ name = "", user }: Pick<Profile, "user" | "name">, prefix: string): boolean => {
  const wanted = skeletonOf(prefix)
  const shown = skeletonOf(name)
  return shown.startsWith(wanted) || shown.split(" ").some((word) => word.startsWith(wanted)) ||
    skeletonOf(user).startsWith(wanted)
}

/** What is known without a question: an answer that had room for more has all that begin with more letters, too. */
export const answered = (answers: Answers, prefix: string): ReadonlyArray<Profile> | undefined => {
  for (let length = prefix.length; length >= shortest; length--) {
    const found = answers.get(prefix.slice(0, length))
    if (found !== undefined && (length === prefix.length || found.length < perAnswer)) {
      return found.filter((each) => beginsSo(each, prefix))
    }
  }
  return undefined
}

export const makeDirectory = (client: SimpleClient, store: Store) => {
  const answers: Answers = new Map()
  let times: ReadonlyArray<number> = []

  return {
    /** Nobody where there is no directory, and where it was asked too often. */
    findPeople: async (text: string): Promise<ReadonlyArray<Profile>> => {
      const { link } = store.state
      const prefix = text.trim().toLowerCase()
      if (link._tag !== "Ready" || link.welcome.directory === undefined || prefix.length < shortest) return []
      const known = answered(answers, prefix)
      if (known !== undefined) return known
      const now = Date.now()
      times = times.filter((at) => now - at < minuteMillis)
      if (times.length >= perMinute) return []
      times = [...times, now]
      try {
        const { profiles } = await client.findUsers(prefix, { limit: perAnswer })
        if (answers.size >= maxKept) answers.clear()
        answers.set(prefix, profiles)
        store.dispatch({ type: "people", list: { profiles } })
        return profiles
      } catch {
        // Whoever knows the id can go on without.
        return []
      }
    }
  }
}
