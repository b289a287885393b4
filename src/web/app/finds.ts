/** Looks for texts and files at the server: a moment after somebody has typed, and page by page. */
import type { SimpleClient } from "../../client/index.ts"
import { parseQuery } from "../../domain/search/query.ts"
import { targetOf } from "../state/conversations.ts"
import type { Find, Finder, Wanted } from "../state/find.ts"
import type { Store } from "../state/store.ts"
import { isName } from "../text/names.ts"
import { sentenceOf } from "../text/problems.ts"
import { words } from "../words/index.ts"

const pauseMillis = 220
const pageSize = 30
/** One answer may have looked at much and found little: so many are asked for before somebody has to ask for more. */
const maxLooks = 5

/** Why nothing is looked for. */
export const idleOf = ({ from, has, query, sender, to }: Wanted): string | undefined => {
  if (sender !== undefined && !isName(sender)) return words.signIn.nameRule
  const terms = parseQuery(query).terms.flatMap(({ words }) => words)
  if (query.trim() !== "" && terms.length === 0) return words.search.noWord
  if (terms.length === 1 && /^[a-z0-9]$/.test(terms[0]!)) return words.search.twoLetters
  if (terms.length === 0 && [has, sender, from, to].every((each) => each === undefined)) {
    return words.search.typeWord
  }
  return undefined
}

const day = (text: string, after: number): number | undefined => {
  const at = new Date(`${text}T00:00:00`)
  at.setDate(at.getDate() + after)
  return Number.isNaN(at.getTime()) ? undefined : at.getTime()
}

/** Days as moments before and after which something was said, neither of them included. */
const timesOf = ({ from, to }: Wanted) => {
  const after = from === undefined ? undefined : day(from, 0)
  const before = to === undefined ? undefined : day(to, 1)
  return {
    ...(after === undefined ? undefined : { afterAt: Math.max(0, after - 1) }),
    ...(before === undefined ? undefined : { beforeAt: before })
  }
}

export const makeFinds = (client: SimpleClient, store: Store, onHits: (find: Find) => void) => {
  const { dispatch } = store
  const timers = new Map<Finder, ReturnType<typeof setTimeout>>()

  const ask = ({ query, ...wanted }: Wanted, cursor: string | undefined) => {
    const { conversation, has, sender } = wanted
    const known = conversation === undefined ? undefined : store.conversation(conversation)
    return client.search({
      // Keyboards make these of the plain ones.
      query: query.replaceAll(/[“”„]/g, "\""),
      ...(known === undefined ? undefined : { target: targetOf(known) }),
      ...(has === undefined ? undefined : { has }),
      ...(sender === undefined ? undefined : { sender }),
      ...timesOf({ query, ...wanted }),
      ...(cursor === undefined ? undefined : { cursor }),
      limit: pageSize
    })
  }

  /** `looks` answers have been too short for a page. */
  const look = async (finder: Finder, looks = 0): Promise<void> => {
    const find = store.state.finds[finder]
    if (find === undefined) return
    const { cursor, number, wanted } = find
    try {
      const { cursor: next, hits } = await ask(wanted, cursor)
      dispatch({ type: "found", finder, number, hits, cursor: next })
      const now = store.state.finds[finder]
      if (now?.number !== number) return
      onHits(now)
      if (next === undefined || hits.length >= pageSize / 2 || looks >= maxLooks) return
      dispatch({ type: "findMore", finder })
      await look(finder, looks + 1)
    } catch (error) {
      dispatch({ type: "findFailed", finder, number, problem: sentenceOf(error) })
    }
  }

  const end = (finder: Finder) => {
    clearTimeout(timers.get(finder))
    dispatch({ type: "findEnd", finder })
  }

  return {
    find: (finder: Finder, wanted: Wanted) => {
      clearTimeout(timers.get(finder))
      const before = store.state.finds[finder]
      const idle = idleOf(wanted)
      dispatch({ type: "find", finder, wanted, ...(idle === undefined ? undefined : { idle }) })
      if (idle !== undefined) return
      // Only somebody who types has more to say in a moment.
      const types = before !== undefined && before.wanted.query !== wanted.query
      timers.set(finder, setTimeout(() => void look(finder), types ? pauseMillis : 0))
    },
    findMore: (finder: Finder) => {
      const find = store.state.finds[finder]
      const more = find?.cursor !== undefined && find.status === "there"
      if (!more && find?.status !== "failed") return
      dispatch({ type: "findMore", finder })
      void look(finder)
    },
    findEnd: end,
    stop: () => timers.forEach(clearTimeout)
  }
}
