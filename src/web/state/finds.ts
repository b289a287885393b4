/** What becomes of what is looked for. */
import type { SearchHit } from "../../domain/ServerFrame.ts"
import type { Find, Finder, Wanted } from "./find.ts"
import type { State } from "./model.ts"

export type FindAction =
  /** Looks for something else from here on, or, with a reason, for nothing yet. */
  | { readonly type: "find"; readonly finder: Finder; readonly wanted: Wanted; readonly idle?: string }
  /** More of the same. */
  | { readonly type: "findMore"; readonly finder: Finder }
  | {
    readonly type: "found"
    readonly finder: Finder
    readonly number: number
    readonly hits: ReadonlyArray<SearchHit>
    readonly cursor?: string | undefined
  }
  | { readonly type: "findFailed"; readonly finder: Finder; readonly number: number; readonly problem: string }
  | { readonly type: "findEnd"; readonly finder: Finder }

const key = ({ conversation, seq }: SearchHit): string => `${seq} ${conversation}`

/** Each once, also when a page was read again because something was deleted meanwhile. */
const added = (before: ReadonlyArray<SearchHit>, more: ReadonlyArray<SearchHit>): ReadonlyArray<SearchHit> => {
  const known = new Set(before.map(key))
  return [...before, ...more.filter((hit) => !known.has(key(hit)))]
}

const set = (state: State, finder: Finder, find: Find): State => ({
  ...state,
  finds: { ...state.finds, [finder]: find }
})

export const reduceFind = (state: State, action: FindAction): State => {
  const before = state.finds[action.finder]
  switch (action.type) {
    case "find": {
      const { finder, idle, wanted } = action
      const number = (before?.number ?? 0) + 1
      return set(
        state,
        finder,
        idle === undefined
          // What was found stays to be seen until the answer is there.
          ? { number, wanted, hits: before?.hits ?? [], status: "looking" }
          : { number, wanted, hits: [], status: "idle", problem: idle }
      )
    }
    case "findMore": {
      if (before === undefined) return state
      const { problem: _, ...rest } = before
      return set(state, action.finder, { ...rest, status: "looking" })
    }
    case "found": {
      if (before?.number !== action.number) return state
      const { cursor, problem: _, ...rest } = before
      return set(state, action.finder, {
        ...rest,
        hits: added(cursor === undefined ? [] : before.hits, action.hits),
        status: "there",
        ...(action.cursor === undefined ? undefined : { cursor: action.cursor })
      })
    }
    case "findFailed":
      return before?.number !== action.number
        ? state
        : set(state, action.finder, { ...before, status: "failed", problem: action.problem })
    case "findEnd": {
      const { [action.finder]: _, ...rest } = state.finds
      return { ...state, finds: rest }
    }
  }
}
