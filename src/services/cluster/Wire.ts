/**
 * What servers tell each other over the bus, as bodies of an `Envelope`. They are kept small, because there is one for
 * every commit; what is optional at the end of a tuple is left out.
 */
import { Exit, Schema } from "effect"
import type { Mutable } from "../../domain/entries/EntryKind.ts"
import { Entry } from "../../domain/Entry.ts"
import { ConversationId, DeviceId, FileId, Position as Count, Seq, UserId } from "../../domain/Ids.ts"
import type { Position, Run } from "../storage/Journal.ts"
import { Answer, Question } from "./connectionList.ts"
import { CursorMoved } from "./News.ts"

export const NodeName = Schema.String.check(Schema.isBetweenLength(1, 128))

/** Which commit wrote the entry before, 0 and 0 where that is not known; and the version of a group. */
const after = [Schema.optionalKey(Count), Schema.optionalKey(Count), Schema.optionalKey(Count)] as const

const EntryItem = Schema.Tuple([ConversationId, Entry, ...after])
const RunItem = Schema.Tuple([ConversationId, Seq, Seq, ...after])
type ItemBody = typeof EntryItem.Type | typeof RunItem.Type

const NewsBody = Schema.Struct({
  _: Schema.Literal("news"),
  epoch: Count,
  offset: Count,
  prev: Count,
  items: Schema.Array(Schema.Union([EntryItem, RunItem])),
  notes: Schema.Array(Schema.Unknown)
})

/** Entries of one conversation that a commit wrote. */
export interface NewsItem extends Run {
  /** The only one of the run; where it is missing they are to be read. */
  readonly entry?: Entry
}

/** What one commit wrote, at once; it stands in the journal as well. */
export interface News extends Position {
  readonly _: "news"
  /** The offset of the news before this one to the same receivers. */
  readonly prev: number
  readonly items: ReadonlyArray<NewsItem>
  /** Anything that is JSON. */
  readonly notes: ReadonlyArray<unknown>
}

/** A sign of life. */
export const Beat = Schema.Struct({
  _: Schema.Literal("beat"),
  node: NodeName,
  epoch: Count,
  offset: Count,
  /** Of what it said about who is there. */
  version: Count,
  users: Count,
  connections: Count,
  draining: Schema.Boolean,
  /** By its own wall clock, in milliseconds since the epoch. */
  at: Schema.optionalKey(Count)
})
export type Beat = typeof Beat.Type

/** A user, how many connections there are of it on the node, and its named devices with the order of their sessions. */
export const Present = Schema.Tuple([
  UserId,
  Count,
  Schema.optionalKey(Schema.Array(Schema.Tuple([DeviceId, Count])))
])
export type Present = typeof Present.Type

/** How who is on the node has changed from one version to the next. */
export const Who = Schema.Struct({
  _: Schema.Literal("who"),
  node: NodeName,
  from: Count,
  to: Count,
  on: Schema.Array(Present),
  off: Schema.Array(UserId)
})
export type Who = typeof Who.Type

/** A part of all who are on the node; parts count from 1. */
export const All = Schema.Struct({
  _: Schema.Literal("all"),
  node: NodeName,
  version: Count,
  part: Count,
  parts: Count,
  on: Schema.Array(Present)
})
export type All = typeof All.Type

/** That node is asked who is on it; `*` asks all of them. */
export const Want = Schema.Struct({ _: Schema.Literal("want"), node: NodeName })
export type Want = typeof Want.Type

/** Somebody types, or has stopped, for those who may see it. */
export const TypingSeen = Schema.Struct({
  conversation: ConversationId,
  user: UserId,
  active: Schema.Boolean,
  audience: Schema.Array(UserId)
})
export type TypingSeen = typeof TypingSeen.Type

/** How somebody is shown by now. */
const ProfileSeen = Schema.Struct({
  user: UserId,
  name: Schema.optionalKey(Schema.String),
  avatar: Schema.optionalKey(Schema.String),
  status: Schema.optionalKey(Schema.String),
  source: Schema.optionalKey(Schema.Literals(["user", "admin", "claims"])),
  picture: Schema.optionalKey(Schema.Struct({ file: FileId, name: Schema.String })),
  updatedAt: Count
})

/** What is lost where the bus loses it. */
export const Soft = Schema.Struct({
  _: Schema.Literal("soft"),
  receipts: Schema.Array(CursorMoved),
  typing: Schema.Array(TypingSeen),
  /** Who sent too much, and is to wait before they connect again. */
  flooded: Schema.optionalKey(Schema.Array(UserId)),
  profiles: Schema.optionalKey(Schema.Array(ProfileSeen))
})
export type Soft = typeof Soft.Type

/** All others are asked something, under a number of whoever asks. */
export const Asked = Schema.Struct({
  _: Schema.Literal("asked"),
  node: NodeName,
  number: Count,
  question: Question
})
export type Asked = typeof Asked.Type

/** What `node` answers to the question of that number that `to` has asked. */
export const Answered = Schema.Struct({
  _: Schema.Literal("answered"),
  node: NodeName,
  to: NodeName,
  number: Count,
  answer: Answer
})
export type Answered = typeof Answered.Type

/** The node has gone, and this was the last that it committed. */
export const Bye = Schema.Struct({ _: Schema.Literal("bye"), node: NodeName, epoch: Count, offset: Count })
export type Bye = typeof Bye.Type

export type Message = News | Beat | Who | All | Want | Soft | Bye | Asked | Answered

const encodeItem = ({ after, conversation, entry, from, to, version }: NewsItem): ReadonlyArray<unknown> => {
  const item: Array<unknown> = entry === undefined ? [conversation, from, to] : [conversation, entry]
  if (after !== undefined || version !== undefined) item.push(after?.epoch ?? 0, after?.offset ?? 0)
  if (version !== undefined) item.push(version)
  return item
}

const isRun = (item: ItemBody): item is typeof RunItem.Type => typeof item[1] === "number"

const placed = (item: Mutable<NewsItem>, epoch = 0, offset = 0, version?: number): NewsItem => {
  // Offsets count from 1.
  if (offset > 0) item.after = { epoch, offset }
  if (version !== undefined) item.version = version
  return item
}

const decodeItem = (item: ItemBody): NewsItem => {
  if (isRun(item)) {
    const [conversation, from, to, epoch, offset, version] = item
    return placed({ conversation, from, to }, epoch, offset, version)
  }
  const [conversation, entry, epoch, offset, version] = item
  return placed({ conversation, from: entry.seq, to: entry.seq, entry }, epoch, offset, version)
}

/** Messages are plain JSON already, so that no schema has to run to write one. */
export const encode = (message: Message): { readonly [key: string]: unknown } =>
  message._ === "news" ? { ...message, items: message.items.map(encodeItem) } : { ...message }

type Body = typeof NewsBody.Type | Exclude<Message, News>

const bodies = {
  news: NewsBody,
  beat: Beat,
  who: Who,
  all: All,
  want: Want,
  soft: Soft,
  bye: Bye,
  asked: Asked,
  answered: Answered
}

const decoders: ReadonlyMap<unknown, (u: unknown) => Exit.Exit<Body, Schema.SchemaError>> = new Map(
  Object.entries(bodies).map(([kind, schema]) => [kind, Schema.decodeUnknownExit(schema)])
)

/** Undefined where it is none of these messages. Does not throw. */
export const decode = (body: { readonly [key: string]: unknown }): Message | undefined => {
  const exit = decoders.get(body["_"])?.(body)
  if (exit === undefined || Exit.isFailure(exit)) return undefined
  const message = exit.value
  return message._ === "news" ? { ...message, items: message.items.map(decodeItem) } : message
}
