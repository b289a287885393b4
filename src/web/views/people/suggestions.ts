/** Whom somebody may mean who types a name or an id: those that the page knows, and those that the directory has. */
import { useEffect, useMemo, useState } from "preact/hooks"
import { beginsSo } from "../../app/directory.ts"
import type { Session } from "../../app/session.ts"
import type { State } from "../../state/model.ts"
import { namesOf } from "../../state/names.ts"

const pauseMillis = 300
const most = 8

/** Those that the page knows, by name. */
export const knownBeginning = (
  { blocked, me, people }: Pick<State, "blocked" | "me" | "people">,
  text: string
): ReadonlyArray<string> => {
  const { of } = namesOf({ people })
  return Object.entries(people)
    .filter(([user, { unseen }]) => user !== me && unseen !== true && !blocked.includes(user))
    .filter(([user, { name }]) =>
      // The keys of an object are strings to the compiler; these are the ids of people.
      beginsSo({ user: user as never, ...(name === undefined ? undefined : { name }) }, text)
    )
    .map(([user]) => user)
    .sort((a, b) => of(a) < of(b) ? -1 : 1)
}

export const useSuggestions = (
  session: Session,
  state: State,
  typed: string,
  taken: ReadonlyArray<string>
): ReadonlyArray<string> => {
  const text = typed.trim()
  const [found, setFound] = useState<{ readonly text: string; readonly users: ReadonlyArray<string> }>()
  useEffect(() => {
    if (text === "") return
    let isWanted = true
    const timer = setTimeout(() => {
      void session.findPeople(text).then((profiles) => {
        if (isWanted) setFound({ text, users: profiles.map(({ user }) => user) })
      })
    }, pauseMillis)
    return () => {
      isWanted = false
      clearTimeout(timer)
    }
  }, [text])
  return useMemo(() => {
    if (text === "") return []
    const all = new Set([...knownBeginning(state, text), ...(found?.text === text ? found.users : [])])
    return Array.from(all).filter((user) => user !== state.me && !taken.includes(user)).slice(0, most)
  }, [text, found, state.people, state.blocked, taken.join(" ")])
}

/** Whether one of them is called so that what was typed is the beginning of it, to its last space or comma. */
export const mayGoOn = (text: string, users: ReadonlyArray<string>, { people }: Pick<State, "people">): boolean => {
  const typed = text.trimStart().toLowerCase()
  return users.some((user) =>
    [people[user]?.name, user].some((each) => each !== undefined && each.toLowerCase().startsWith(typed))
  )
}

/** The one whom a text names in full: by id, or by a name that only one of them has. */
export const meantBy = (
  text: string,
  users: ReadonlyArray<string>,
  state: Pick<State, "people">
): string | undefined => {
  const wanted = text.trim()
  if (users.includes(wanted)) return wanted
  const { person } = namesOf(state)
  const named = users.filter((user) => person(user)?.name?.toLowerCase() === wanted.toLowerCase())
  return named.length === 1 ? named[0] : undefined
}

/** Ids that differ from this one in nothing but the case of letters. */
export const otherCaseOf = (user: string, { conversations, people }: Pick<State, "conversations" | "people">) => {
  const known = [
    ...Object.keys(people).filter((each) => people[each]?.unseen !== true),
    ...Object.values(conversations).flatMap(({ head, kind, with: peer }) => kind === "direct" && head > 0 ? [peer] : [])
  ]
  return known.find((each) => each !== user && each.toLowerCase() === user.toLowerCase())
}
