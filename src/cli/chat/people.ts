/** What is typed about people: how one is called oneself, how others are, and how one comes to them. */
import { Effect } from "effect"
import type { Answer, Target } from "../../client/types.ts"
import type { Profile } from "../../domain/Profile.ts"
import type { AboutPeople, Wish } from "./parse.ts"
import type { Session } from "./Session.ts"
import { harmless } from "./text.ts"

const line = ({ name, status, user }: Pick<Profile, "name" | "status" | "user">): string =>
  `${name === undefined ? harmless(user) : `${harmless(name)} (${harmless(user)})`}${
    status === undefined ? "" : `: ${harmless(status)}`
  }`

const learn = ({ names }: Session, profiles: ReadonlyArray<Profile>): void => {
  for (const { name, user } of profiles) names.learnPerson(user, name)
}

const whois = Effect.fnUntraced(function*(session: Session, user: string) {
  const answer = yield* session.client.profiles([user])
  learn(session, answer.profiles)
  const [profile] = answer.profiles
  const isUnknown = answer.unknown?.some((each) => each === user) === true
  yield* session.screen.say(answer, () => [
    profile !== undefined
      ? `* ${line(profile)}`
      : isUnknown
      ? `* Nobody of that name has been here yet: ${harmless(user)}`
      : `* Of ${harmless(user)} no name is known.`
  ])
})

const find = Effect.fnUntraced(function*(session: Session, prefix: string) {
  const answer = yield* session.client.findUsers(prefix)
  learn(session, answer.profiles)
  yield* session.screen.say(answer, () =>
    answer.profiles.length === 0
      ? ["* Nobody is called so."]
      : answer.profiles.map((profile) => `  ${line(profile)}`))
})

const setProfile = Effect.fnUntraced(
  function*(session: Session, fields: { readonly name?: string; readonly status?: string }) {
    const profile = yield* session.client.setProfile(fields)
    learn(session, [profile])
    yield* session.screen.say(profile, () => [`* Others see you as ${line(profile)}`])
  }
)

export const aboutPeople = (session: Session, input: AboutPeople): Answer<unknown> => {
  switch (input._tag) {
    case "Name":
      return setProfile(session, { name: input.name })
    case "Status":
      return setProfile(session, { status: input.status })
    case "Whois":
      return whois(session, input.user)
    case "Find":
      return find(session, input.prefix)
    case "Join":
      return Effect.flatMap(session.client.join(input.invite), ({ group, name }) => {
        session.names.learn(group, name)
        return session.open({ group }, true)
      })
  }
}

/** An invitation into the group, which is good until it is taken back. */
export const invite = ({ client, screen }: Session, group: string): Answer<unknown> =>
  Effect.flatMap(
    client.createInvite(group),
    (answer) => screen.say(answer, () => [`* Whoever types this comes in: /join ${answer.invite}`])
  )

/** What one wants of a conversation for oneself. */
export const wish = ({ client, screen }: Session, what: Wish, target: Target): Answer<unknown> => {
  const said = (line: string) => <A extends object>(answer: Answer<A>): Answer<unknown> =>
    Effect.flatMap(answer, (each) => screen.say(each, () => [line]))
  switch (what) {
    case "mute":
      return said("* Muted; /unmute ends it.")(client.mute(target))
    case "unmute":
      return said("* Not muted any more.")(client.unmute(target))
    case "archive":
      return said("* Archived until the next message.")(client.archive(target))
    case "unarchive":
      return said("* Not archived any more.")(client.unarchive(target))
    case "unread":
      return said("* Marked as unread.")(client.markUnread(target))
  }
}
