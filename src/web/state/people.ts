/** What is learnt of people. */
import type { ConversationSummary, GroupInfo } from "../../client/index.ts"
import type { Profile } from "../../domain/Profile.ts"
import { lookUp } from "./lookUp.ts"
import type { State } from "./model.ts"
import type { Person } from "./person.ts"

const same = (a: Person | undefined, b: Person): boolean =>
  a !== undefined && a.name === b.name && a.picture === b.picture && a.status === b.status && a.unseen === b.unseen &&
  a.recalled === b.recalled

/** The state with what was learnt of some; it stays the same where nothing is news. */
export const withPeople = (state: State, learnt: ReadonlyArray<readonly [user: string, person: Person]>): State => {
  const news = learnt.filter(([user, person]) => !same(lookUp(state.people, user), person))
  return news.length === 0 ? state : { ...state, people: { ...state.people, ...Object.fromEntries(news) } }
}

export const personOf = ({ avatar_url, name, status }: Pick<Profile, "avatar_url" | "name" | "status">): Person => ({
  ...(name === undefined ? undefined : { name }),
  ...(avatar_url === undefined ? undefined : { picture: avatar_url }),
  ...(status === undefined ? undefined : { status })
})

/** Lists tell no status, so what is known of it stays. */
const listed = (
  { people }: State,
  user: string,
  shown: { readonly name?: string | undefined; readonly avatar_url?: string | undefined }
) => {
  const status = lookUp(people, user)?.status
  const { avatar_url, name } = shown
  return [user, {
    ...(name === undefined ? undefined : { name }),
    ...(avatar_url === undefined ? undefined : { picture: avatar_url }),
    ...(status === undefined ? undefined : { status })
  }] as const
}

export const withSummaries = (state: State, summaries: ReadonlyArray<ConversationSummary>): State =>
  withPeople(
    state,
    summaries.flatMap(({ avatar_url, kind, name, peer }) =>
      kind === "direct" && peer !== undefined ? [listed(state, peer, { avatar_url, name })] : []
    )
  )

export const withMembers = (state: State, { members }: GroupInfo): State =>
  withPeople(state, members.map(({ avatar_url, name, user }) => listed(state, user, { avatar_url, name })))

export const withProfiles = (
  state: State,
  profiles: ReadonlyArray<Profile>,
  unknown: ReadonlyArray<string> = []
): State =>
  withPeople(state, [
    ...profiles.map((profile) => [profile.user as string, personOf(profile)] as const),
    ...unknown.map((user) => [user, { unseen: true }] as const)
  ])

/** They are here, so somebody has seen them. */
export const noLongerUnseen = (state: State, user: string): State =>
  lookUp(state.people, user)?.unseen === true ? withPeople(state, [[user, {}]]) : state
