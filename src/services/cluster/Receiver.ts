/** What comes over the bus, to whom it is for. What nobody of us has said, and what nobody understands, is counted. */
import type { UserId } from "../../domain/Ids.ts"
import type { StoredProfile } from "../storage/UserData.ts"
import { traceparentsIn } from "../telemetry/traceContext.ts"
import type { Item } from "./Cluster.ts"
import type { Envelope } from "./Envelope.ts"
import type { Follower } from "./Follower.ts"
import type { CursorMoved } from "./News.ts"
import { readNote } from "./Note.ts"
import type { Vicinity } from "./Vicinity.ts"
import { type Answered, type Asked, decode, type News, type NewsItem, type TypingSeen } from "./Wire.ts"

const itemOf = ({ after, conversation, entry, from, version }: NewsItem, traceparent: string | undefined): Item => ({
  conversation,
  seq: from,
  entry,
  ...(traceparent === undefined ? undefined : { traceparent }),
  ...(after === undefined ? undefined : { after }),
  ...(version === undefined ? undefined : { version })
})

export interface ReceiverOptions {
  readonly envelope: Envelope
  readonly follower: Follower
  readonly vicinity: Vicinity
  readonly moved: (moved: CursorMoved) => void
  readonly typing: (sign: TypingSeen) => void
  readonly flooded: (user: UserId) => void
  readonly profile: (profile: StoredProfile) => void
  /** Somebody asks who is here, and is to be answered. */
  readonly asked: () => void
  /** An administrator's question, and the answer to one. */
  readonly questioned: (asked: Asked) => void
  readonly answered: (answered: Answered) => void
}

export class Receiver {
  readonly #options: ReceiverOptions

  constructor(options: ReceiverOptions) {
    this.#options = options
  }

  take(text: string): void {
    const { answered, asked, envelope, flooded, follower, moved, profile, questioned, typing, vicinity } = this.#options
    const opened = envelope.open(text)
    if (typeof opened === "string") return
    const message = decode(opened.body)
    if (message === undefined) return void envelope.refuse("malformed")
    switch (message._) {
      case "news":
        return this.#news(message)
      case "beat":
        follower.reached(message)
        return vicinity.heardBeat(message)
      case "who":
        return vicinity.heardWho(message)
      case "all":
        return vicinity.heardAll(message)
      case "want":
        return vicinity.wanted(message.node) ? asked() : undefined
      case "soft":
        message.receipts.forEach(moved)
        message.flooded?.forEach(flooded)
        message.profiles?.forEach(profile)
        return message.typing.forEach(typing)
      case "asked":
        return questioned(message)
      case "answered":
        return answered(message)
      case "bye":
        follower.reached(message)
        return vicinity.left(message.node)
    }
  }

  #news(news: News): void {
    const { follower } = this.#options
    const { epoch, items, notes, offset, prev } = news
    // Entries that did not fit are read.
    if (items.some(({ entry }) => entry === undefined)) return follower.reached(news)
    const traced = traceparentsIn(notes)
    follower.heard({
      epoch,
      offset,
      prev,
      items: items.map((item) => itemOf(item, traced?.get(item.entry!.message_id))),
      notes: notes.flatMap((note) => readNote(note) ?? [])
    })
  }
}
