/** What people are called, for all views: whoever is shown and unknown is asked for. */
import { type ComponentChildren, createContext } from "preact"
import { useContext, useMemo } from "preact/hooks"
import type { Session } from "../../app/session.ts"
import type { State } from "../../state/model.ts"
import { makeNames, type Names, namesOf } from "../../state/names.ts"
import { shortId } from "../../text/ids.ts"

interface Called extends Names {
  /** The picture of this one cannot be had: its path may have ended. */
  readonly renew: (user: string) => void
}

const nobody: Called = { ...makeNames({}), renew: () => {} }

const Context = createContext<Called>(nobody)

export const useNames = (): Called => useContext(Context)

interface Props {
  readonly session: Session
  readonly state: Pick<State, "people">
  readonly children: ComponentChildren
}

export const WithNames = ({ children, session, state: { people } }: Props) => {
  const names = useMemo((): Called => {
    const known = namesOf({ people })
    const of = (user: string) => {
      session.wantPerson(user)
      return known.of(user)
    }
    return {
      of,
      within: (user) => {
        session.wantPerson(user)
        return known.within(user)
      },
      person: (user) => {
        session.wantPerson(user)
        return known.person(user)
      },
      titleOf: (conversation) => conversation.kind === "direct" ? of(conversation.with) : conversation.name,
      renew: session.renewPerson
    }
  }, [session, people])
  return <Context.Provider value={names}>{children}</Context.Provider>
}

/** Somebody's name, with the id for whoever points at it. */
export const Name = ({ user, ...props }: { readonly user: string; readonly class?: string }) => {
  const shown = useNames().of(user)
  return (
    <bdi class={props.class} title={shown === user ? undefined : user}>
      {shown}
    </bdi>
  )
}

/** Their id, where a name says something else. */
export const IdBelow = ({ user }: { readonly user: string }) => {
  const name = useNames().person(user)?.name
  return name === undefined || name === user ? null : (
    <span class="soft id-below" title={user}>
      <bdi>{shortId(user)}</bdi>
    </span>
  )
}
