/** Does what was typed. */
import { Clock, Effect } from "effect"
import type { Answer } from "../../client/types.ts"
import { defined } from "../../domain/defined.ts"
import type { UserId } from "../../domain/Ids.ts"
import type { ConversationSummary } from "../../domain/ServerFrame.ts"
import { summaryLine } from "./format.ts"
import type { Names } from "./Names.ts"
import { help, type InConversation, type InGroup, type Input, parse } from "./parse.ts"
import { aboutPeople, invite, wish } from "./people.ts"
import { more, search } from "./searching.ts"
import { sendFile } from "./sendFile.ts"
import type { Open, Session } from "./Session.ts"
import { harmless } from "./text.ts"

const who = Effect.fnUntraced(function*(session: Session, { target }: Open) {
  const { client, names, screen } = session
  if (!("group" in target)) {
    const conversation = names.conversationOf(target)
    const user = names.peerOf(conversation) ?? conversation
    const status = session.presenceOf(user)
    return yield* screen.say({ type: "presence", user, status }, () => [
      `* ${harmless(names.introduced(user))} is ${status}`
    ])
  }
  const info = yield* client.groupInfo(target.group)
  const lines = info.members.map(({ role, user }) =>
    [
      "    " + harmless(names.personOf(user)),
      role === "member" ? [] : role,
      user === names.me ? [] : session.presenceOf(user)
    ].flat().join(", ")
  )
  yield* screen.say(info, () => [`* ${harmless(info.name)} (${target.group})`, ...lines])
})

const receipts = Effect.fnUntraced(function*({ client, names, screen }: Session, { target }: Open) {
  const list = yield* client.receipts(target)
  const others = list.receipts.filter(({ user }) => user !== names.me)
  yield* screen.say(
    list,
    () =>
      others.map(({ delivered, read, user }) =>
        `* ${harmless(names.introduced(user))} has read up to #${read} and has up to #${Math.max(delivered, read)}`
      )
  )
})

/** With people called as they are shown. */
const summaryOf = (summary: ConversationSummary, names: Names): ConversationSummary => {
  const { last_message: last, peer } = summary
  // For people to read: where an id stands, a name may stand.
  const named = (user: UserId) => user === names.me ? user : names.introduced(user) as UserId
  return {
    ...summary,
    ...defined({
      peer: peer === undefined ? undefined : named(peer),
      last_message: last === undefined ? undefined : { ...last, sender: named(last.sender) }
    })
  }
}

/** With whom one talks, the latest first; a page is as many as anybody looks through. */
export const listConversations = Effect.fnUntraced(function*({ client, names, screen }: Session) {
  const list = yield* client.conversations({ order: "recent", limit: 100 })
  const now = yield* Clock.currentTimeMillis
  for (const { group, name, peer } of list.conversations) {
    if (group !== undefined) names.learn(group, name ?? group)
    else if (peer !== undefined && name !== undefined) names.learnPerson(peer, name)
  }
  yield* screen.say(list, () =>
    list.conversations.length === 0
      ? ["* Nobody has talked to you yet."]
      : [
        "* Your conversations:",
        ...list.conversations.map((each) =>
          summaryLine(summaryOf(each, names), { me: names.me, now, style: screen.style })
        ),
        ...(list.has_more ? ["  … and more"] : [])
      ])
})

const inGroup = (session: Session, input: InGroup, group: string): Answer<unknown> => {
  const { client, close } = session
  switch (input._tag) {
    case "GroupAdd":
      return client.addMembers(group, input.members)
    case "GroupRemove":
      return client.removeMembers(group, input.members)
    case "GroupRole":
      return client.setRole(group, input.user, input.role)
    case "GroupRename":
      return client.renameGroup(group, input.name)
    case "GroupBan":
      return client.banMembers(group, input.members)
    case "GroupUnban":
      return client.unbanMembers(group, input.members)
    case "GroupInvite":
      return invite(session, group)
    case "GroupLeave":
      return Effect.andThen(client.leaveGroup(group), close)
  }
}

/** What it adds to a log is shown when the client tells of it, as is a refusal of a message. */
const inConversation = (session: Session, input: InConversation, open: Open): Answer<unknown> => {
  const { client, screen } = session
  const { target } = open
  switch (input._tag) {
    case "Say":
      return session.mentionsIn(open, input.text).pipe(
        Effect.flatMap((mentions) =>
          client.send(target, input.text, { ...defined({ replyTo: input.replyTo }), mentions })
        ),
        Effect.catchTag("ChatError", () => Effect.void)
      )
    case "File":
      return sendFile(session, input, open)
    case "History":
      return Effect.flatMap(
        client.history(target, { before: Number.MAX_SAFE_INTEGER, limit: input.count }),
        (page) =>
          page.messages.length === 0
            ? screen.say(page, () => ["* Nothing was said yet."])
            : session.showPage(page)
      )
    case "Receipts":
      return receipts(session, open)
    case "Who":
      return who(session, open)
    case "Edit":
      return client.edit(target, input.seq, input.text)
    case "Delete":
      return client.delete(target, input.seq)
    case "React":
      return client.react(target, input.seq, input.emoji)
    case "Report":
      return client.report(target, input.seq, input.reason)
    case "Wish":
      return wish(session, input.what, target)
    default:
      return "group" in target
        ? inGroup(session, input, target.group)
        : screen.notice("! This is no group; go to one with /to #NAME.")
  }
}

const run = Effect.fnUntraced(
  function*(session: Session, input: Input): Effect.fn.Return<unknown, Effect.Error<Answer<void>>> {
    const { client, names, screen } = session
    switch (input._tag) {
      case "Nothing":
      case "Quit":
        return
      case "Wrong":
        return yield* screen.notice(`! ${harmless(input.reason)}`)
      case "Help":
        return yield* screen.say({ type: "help", lines: help }, () => help)
      case "List":
        return yield* listConversations(session)
      case "Cancel":
        return session.sending.cancel() === 0
          ? yield* screen.notice("! No file is on its way.")
          : undefined
      case "Search":
        return yield* search(session, input.words, input.everywhere)
      case "More":
        return yield* more(session)
      case "To":
        return yield* session.open(names.targetOf(input.name))
      case "Name":
      case "Status":
      case "Whois":
      case "Find":
      case "Join":
        return yield* aboutPeople(session, input)
      case "GroupCreate": {
        const { group, name } = yield* client.createGroup(input.name, input.members)
        names.learn(group, name)
        return yield* session.open({ group }, true)
      }
      case "Block":
      case "Unblock": {
        const users = yield* (input._tag === "Block" ? client.block : client.unblock)(input.user)
        return yield* screen.say({ type: "blocked_users", users }, () => [
          `* Blocked: ${users.length === 0 ? "nobody" : users.join(", ")}`
        ])
      }
      default:
        return yield* session.current === undefined
          ? screen.notice("! Say whom you talk to first, with /to NAME.")
          : inConversation(session, input, session.current)
    }
  }
)

/** One line. False when it was the last that was wanted; what goes wrong with it is told, and `onWrong` counts it. */
export const typed = (session: Session, line: string, onWrong: () => void): Effect.Effect<boolean> => {
  const input = parse(line)
  if (input._tag === "Quit") return Effect.succeed(false)
  if (input._tag === "Wrong") onWrong()
  return run(session, input).pipe(
    Effect.catch((error) => {
      onWrong()
      return session.screen.notice(`! ${harmless(error.message)}`)
    }),
    Effect.as(true)
  )
}
