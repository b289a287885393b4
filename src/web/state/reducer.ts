/** The state's one way forward: a pure function of what was and what happened. */
import type {
  ChatEvent,
  ClientState,
  ConversationSettings,
  ConversationSummary,
  Entry,
  GroupInfo,
  HistoryPage,
  ProfileList,
  ReceiptList
} from "../../client/index.ts"
import { advance, emptyConversation, readUpTo, update } from "./conversations.ts"
import { addLogged, reduceEvent } from "./events.ts"
import { type FindAction, reduceFind } from "./finds.ts"
import { withOne, without } from "./lists.ts"
import { addPage, addPlace, itemOf } from "./log.ts"
import { lookUp } from "./lookUp.ts"
import type { Access, Change, Conversation, Item, Notice, Pending, State } from "./model.ts"
import { withMembers, withProfiles, withSummaries } from "./people.ts"
import { confirmed, forgotten, recall, renewed, settled } from "./recalled.ts"
import type { Upload } from "./upload.ts"
import { changeUpload, seal, withoutMessage } from "./uploads.ts"
import { wishesOf, withMute } from "./wishes.ts"

export type Action =
  | FindAction
  | { readonly type: "link"; readonly link: ClientState }
  | { readonly type: "access"; readonly access: Access }
  | { readonly type: "event"; readonly event: ChatEvent }
  /** One's own, as its answer tells: what the server pushes to all others. */
  | { readonly type: "entry"; readonly conversation: string; readonly entry: Entry }
  | {
    readonly type: "listed"
    readonly conversations: ReadonlyArray<ConversationSummary>
    /** Whether there are more; missing when these are not the end of what is known. */
    readonly more?: boolean
  }
  /** What this browser showed when it was last open. */
  | {
    readonly type: "recalled"
    readonly conversations: ReadonlyArray<Conversation>
    readonly names?: Readonly<Record<string, string>>
  }
  /** What is recalled may not be shown any longer. */
  | { readonly type: "forgotten" }
  | { readonly type: "page"; readonly page: HistoryPage }
  /** A page around a place that somebody goes to. */
  | { readonly type: "place"; readonly page: HistoryPage }
  /** The server does not tell its messages. */
  | { readonly type: "refused"; readonly conversation: string }
  | { readonly type: "quoted"; readonly conversation: string; readonly item: Item }
  | { readonly type: "loading"; readonly conversation: string; readonly loading: boolean }
  | { readonly type: "receipts"; readonly list: ReceiptList }
  | { readonly type: "group"; readonly info: GroupInfo }
  /** How some are shown, and who of them has never been here. */
  | { readonly type: "people"; readonly list: Pick<ProfileList, "profiles" | "unknown"> }
  | { readonly type: "wishes"; readonly settings: Omit<ConversationSettings, "type"> }
  /** Until 0 is not at all. */
  | { readonly type: "muted"; readonly conversation: string; readonly until: number; readonly mentions: boolean }
  | { readonly type: "settings"; readonly readPrivately: boolean }
  | { readonly type: "blocked"; readonly users: ReadonlyArray<string> }
  | { readonly type: "opened"; readonly conversation: string | undefined }
  | { readonly type: "read"; readonly conversation: string; readonly upTo: number }
  | { readonly type: "changing"; readonly change: Change }
  | { readonly type: "changed"; readonly id: string }
  /** A message that the server did not want, in this session or an earlier one. */
  | { readonly type: "unwanted"; readonly pending: Pending }
  | { readonly type: "discarded"; readonly id: string }
  /** A file is chosen, and something has become of one. */
  | { readonly type: "chosen"; readonly upload: Upload }
  | { readonly type: "uploading"; readonly id: string; readonly change: Partial<Upload> }
  | { readonly type: "dropped"; readonly id: string }
  /** A message is said with all files of its conversation's tray, before they are there. */
  | { readonly type: "sealed"; readonly pending: Pending }
  | { readonly type: "notice" } & Notice
  | { readonly type: "dismissed"; readonly id: number }

const lastOf = (
  { last }: Conversation,
  { last_message }: ConversationSummary
): Pick<Conversation, "last"> | undefined => {
  const told = last_message === undefined ? undefined : itemOf(last_message)
  return told === undefined || (last !== undefined && last.seq > told.seq) ? undefined : { last: told }
}

const summarised = (before: Conversation, summary: ConversationSummary): Conversation => ({
  ...before,
  listed: true,
  lastAt: Math.max(before.lastAt, summary.last_at ?? 0),
  ...lastOf(before, summary),
  name: summary.kind === "group" ? summary.name ?? before.name : summary.peer ?? before.name,
  head: Math.max(before.head, summary.head_seq),
  wishes: wishesOf(summary),
  ...(summary.kind === "group" ? { picture: summary.avatar_url } : undefined),
  mentions: before.read > summary.read ? before.mentions : summary.mentions ?? 0,
  hasMore: before.high === 0 ? summary.head_seq > 0 : before.hasMore,
  read: Math.max(before.read, summary.read),
  unread: before.read > summary.read ? before.unread : summary.unread,
  positions: summary.peer === undefined ? before.positions : advance(before.positions, summary.peer, {
    delivered: summary.peer_delivered ?? 0,
    read: summary.peer_read ?? 0
  })
})

/** Who has just come into a group need not receive what was said before. */
const withNewcomers = ({ info: known, positions }: Conversation, info: GroupInfo): Conversation["positions"] => {
  if (known === undefined) return positions
  const upTo = info.head_seq - 1
  const newcomers = info.members.map(({ user }) => user)
    .filter((user) => lookUp(positions, user) === undefined && !known.members.some((member) => member.user === user))
  return {
    ...positions,
    ...Object.fromEntries(newcomers.map((user) => [user, { delivered: upTo, read: upTo }]))
  }
}

/** With the conversation in the list, whatever is known of it, and a line where the unread begins. */
const known = (state: State, id: string): State => {
  const { newAfter: _, ...conversation } = lookUp(state.conversations, id) ?? emptyConversation(id, state.me)
  return { ...state, conversations: { ...state.conversations, [id]: withLine(conversation) } }
}

/** Where the unread began stays to be seen, also when all of it has been read. */
const withLine = (conversation: Conversation): Conversation =>
  conversation.unread > 0 && conversation.newAfter === undefined
    ? { ...conversation, newAfter: conversation.read }
    : conversation

const noticeOf = ({ id, place, text }: Notice): Notice => place === undefined ? { id, text } : { id, text, place }

const withoutAnyTyping = (conversations: State["conversations"]): State["conversations"] =>
  Object.fromEntries(
    Object.entries(conversations).map(([id, each]) => [id, each.typing.length === 0 ? each : { ...each, typing: [] }])
  )

const withList = (state: State, action: Extract<Action, { readonly type: "listed" }>): State => {
  return {
    ...action.conversations.reduce(
      (next, summary) =>
        update(next, summary.conversation, (before) => {
          const after = summarised(before.recalled === true ? renewed(before) : before, summary)
          // A page that begins with a conversation open hears only now what is new in it.
          return summary.conversation === state.open && !state.listed ? withLine(after) : after
        }),
      confirmed(
        withSummaries(state, action.conversations),
        new Set(action.conversations.map(({ conversation }) => conversation))
      )
    ),
    listed: true,
    more: action.more ?? state.more
  }
}

export const reduce = (state: State, action: Action): State => {
  switch (action.type) {
    case "link":
      // Whoever was let in again showed something good; if that ends soon the server says so again.
      return {
        ...state,
        link: action.link,
        // That somebody stops typing is told to nobody between two connections, and who is here to nobody without one.
        conversations: withoutAnyTyping(state.conversations),
        ...(action.link._tag === "Ready" ? { access: { _tag: "Good" } } : { presence: {} })
      }
    case "access":
      return { ...state, access: action.access }
    case "event":
      return reduceEvent(state, action.event)
    case "entry":
      return addLogged(state, action.conversation, action.entry)
    case "recalled":
      return recall(state, action.conversations, action.names)
    case "forgotten":
      return forgotten(state)
    case "listed":
      return withList(state, action)
    case "page":
      return update(state, action.page.conversation, (before) => addPage(settled(before), action.page))
    case "place":
      return update(state, action.page.conversation, (before) => addPlace(settled(before), action.page))
    case "refused":
      return update(state, action.conversation, settled)
    case "quoted":
      return update(state, action.conversation, (before) => ({
        ...before,
        quoted: { ...before.quoted, [action.item.seq]: action.item }
      }))
    case "loading":
      return update(state, action.conversation, (before) => ({ ...before, loading: action.loading }))
    case "receipts":
      return update(state, action.list.conversation, (before) => ({
        ...before,
        positions: Object.fromEntries(
          action.list.receipts.map(({ delivered, read, user }) => [user, { delivered, read }])
        )
      }))
    case "group":
      return update(withMembers(state, action.info), action.info.conversation, (before) => ({
        ...before,
        name: action.info.name,
        picture: action.info.avatar_url,
        head: Math.max(before.head, action.info.head_seq),
        info: action.info,
        positions: withNewcomers(before, action.info),
        gone: !action.info.members.some(({ user }) => user === state.me)
      }))
    case "people":
      return withProfiles(state, action.list.profiles, action.list.unknown)
    case "wishes":
      return update(state, action.settings.conversation, (before) => ({ ...before, wishes: wishesOf(action.settings) }))
    case "muted":
      return update(state, action.conversation, (before) => ({ ...before, wishes: withMute(before.wishes, action) }))
    case "settings":
      return { ...state, readPrivately: action.readPrivately }
    case "blocked":
      return { ...state, blocked: action.users }
    case "opened":
      return action.conversation === undefined
        ? { ...state, open: undefined }
        : known({ ...state, open: action.conversation }, action.conversation)
    case "read":
      return update(state, action.conversation, (before) => readUpTo(before, action.upTo, state.me))
    case "changing":
      return { ...state, changes: withOne(state.changes, action.change) }
    case "changed":
      return { ...state, changes: without(state.changes, action.id) }
    case "unwanted":
      return { ...state, pending: withOne(state.pending, action.pending) }
    case "discarded":
      return {
        ...state,
        pending: without(state.pending, action.id),
        uploads: withoutMessage(state.uploads, action.id)
      }
    case "chosen":
      return { ...state, uploads: withOne(state.uploads, action.upload) }
    case "uploading":
      return changeUpload(state, action.id, action.change)
    case "dropped":
      return { ...state, uploads: without(state.uploads, action.id) }
    case "sealed":
      return seal(state, action.pending)
    case "notice":
      return { ...state, notices: [...state.notices.slice(-2), noticeOf(action)] }
    case "dismissed":
      return { ...state, notices: without(state.notices, action.id) }
    default:
      return reduceFind(state, action)
  }
}
