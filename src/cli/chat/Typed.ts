/** Does what was typed. */
import { Clock, Effect } from "effect"
import type { ClientError } from "../../client/ClientError.ts"
import type { ChatError } from "../../domain/Errors.ts"
import { summaryLine } from "./format.ts"
import { help, type Input, parse } from "./parse.ts"
import type { Open, Session } from "./Session.ts"
import { harmless } from "./text.ts"

type Failure = ChatError | ClientError

type InConversation = Extract<
  Input,
  {
    readonly _tag:
      | "Say"
      | `Group${"Add" | "Remove" | "Role" | "Rename" | "Leave"}`
      | "History"
      | "Receipts"
      | "Who"
      | "Edit"
      | "Delete"
      | "React"
  }
>

const who = Effect.fnUntraced(function*(session: Session, { target }: Open) {
  if (!("group" in target)) {
    const user = session.names.labelOf(session.names.conversationOf(target))
    const status = session.presenceOf(user)
    return yield* session.screen.say({ type: "presence", user, status }, () => [`* ${harmless(user)} is ${status}`])
  }
  const info = yield* session.client.groupInfo(target.group)
  const { members, name } = info
  const lines = members.map(({ role, user }) =>
    `    ${user}${role === "member" ? "" : `, ${role}`}${
      user === session.names.me ? "" : `, ${session.presenceOf(user)}`
    }`
  )
  yield* session.screen.say(info, () => [`* ${harmless(name)} (${target.group})`, ...lines])
})

const receipts = Effect.fnUntraced(function*(session: Session, { target }: Open) {
  const list = yield* session.client.receipts(target)
  yield* session.screen.say(
    list,
    () =>
      list.receipts.filter(({ user }) => user !== session.names.me).map(({ delivered, read, user }) =>
        `* ${harmless(user)} has read up to #${read} and has up to #${Math.max(delivered, read)}`
      )
  )
})

/** With whom one talks, the latest first; a page is as many as anybody looks through. */
export const listConversations = Effect.fnUntraced(function*(session: Session) {
  const list = yield* session.client.conversations({ order: "recent", limit: 100 })
  const now = yield* Clock.currentTimeMillis
  for (const { group, name } of list.conversations) {
    if (group !== undefined) session.names.learn(group, name ?? group)
  }
  yield* session.screen.say(list, () =>
    list.conversations.length === 0
      ? ["* Nobody has talked to you yet."]
      : [
        "* Your conversations:",
        ...list.conversations.map((each) =>
          summaryLine(each, { me: session.names.me, now, style: session.screen.style })
        ),
        ...(list.has_more ? ["  … and more"] : [])
      ])
})

const inGroup = Effect.fnUntraced(function*(
  session: Session,
  input: Extract<Input, { readonly _tag: `Group${"Add" | "Remove" | "Role" | "Rename" | "Leave"}` }>,
  { target }: Open
) {
  if (!("group" in target)) return yield* session.screen.notice("! This is no group; go to one with /to #NAME.")
  switch (input._tag) {
    case "GroupAdd":
      return yield* Effect.asVoid(session.client.addMembers(target.group, input.members))
    case "GroupRemove":
      return yield* Effect.asVoid(session.client.removeMembers(target.group, input.members))
    case "GroupRole":
      return yield* Effect.asVoid(session.client.setRole(target.group, input.user, input.role))
    case "GroupRename":
      return yield* Effect.asVoid(session.client.renameGroup(target.group, input.name))
    case "GroupLeave":
      yield* session.client.leaveGroup(target.group)
      return yield* session.close
  }
})

const replyTo = ({ replyTo }: Extract<Input, { readonly _tag: "Say" }>) => replyTo === undefined ? {} : { replyTo }

const inConversation = Effect.fnUntraced(function*(
  session: Session,
  input: InConversation,
  open: Open
): Effect.fn.Return<void, Failure> {
  const { client, screen } = session
  const { target } = open
  switch (input._tag) {
    case "Say":
      // A refusal is told by an event.
      return yield* client.send(target, input.text, replyTo(input)).pipe(
        Effect.catchTag("ChatError", () => Effect.void),
        Effect.asVoid
      )
    case "History": {
      const page = yield* client.history(target, { before: Number.MAX_SAFE_INTEGER, limit: input.count })
      return yield* page.messages.length === 0
        ? screen.say(page, () => ["* Nothing was said yet."])
        : session.showPage(page)
    }
    case "Receipts":
      return yield* receipts(session, open)
    case "Who":
      return yield* who(session, open)
    case "Edit":
      return yield* Effect.asVoid(client.edit(target, input.seq, input.text))
    case "Delete":
      return yield* Effect.asVoid(client.delete(target, input.seq))
    case "React":
      return yield* Effect.asVoid(client.react(target, input.seq, input.emoji))
    default:
      return yield* inGroup(session, input, open)
  }
})

const run = Effect.fnUntraced(function*(session: Session, input: Input): Effect.fn.Return<void, Failure> {
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
    case "To":
      return yield* session.open(names.targetOf(input.name))
    case "GroupCreate": {
      const { group, name } = yield* client.createGroup(input.name, input.members)
      names.learn(group, name)
      return yield* session.open({ group }, true)
    }
    case "Block": {
      const users = yield* client.block(input.user)
      return yield* screen.say({ type: "blocked_users", users }, () => [`* Blocked: ${users.join(", ")}`])
    }
    case "Unblock": {
      const users = yield* client.unblock(input.user)
      return yield* screen.say({ type: "blocked_users", users }, () => [
        `* Blocked: ${users.length === 0 ? "nobody" : users.join(", ")}`
      ])
    }
    default: {
      const open = session.current()
      return yield* open === undefined
        ? screen.notice("! Say whom you talk to first, with /to NAME.")
        : inConversation(session, input, open)
    }
  }
})

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
