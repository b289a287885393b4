/**
 * Looks for words in the store, for whoever may read them. A search is dear, so it is asked in turns of the users, few at
 * once, and an answer stops where it has taken its time and says where to go on. Overflow policy: see `Turns`.
 */
import { Clock, Context, Effect, Layer, Option, Redacted } from "effect"
import { randomBytes } from "node:crypto"
import type { Search as SearchFrame } from "../../domain/ClientFrame.ts"
import { defined } from "../../domain/defined.ts"
import * as Errors from "../../domain/Errors.ts"
import type { ChatError } from "../../domain/Errors.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import { parseQuery } from "../../domain/search/query.ts"
import type { SearchResult } from "../../domain/ServerFrame.ts"
import { signing } from "../files/signing.ts"
import { nextTurn } from "../kernel/ActorScheduler.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { type Turns, turnsWith } from "../kernel/Turns.ts"
import { pageBytesOf } from "../session/pageBounds.ts"
import { Settings } from "../Settings.ts"
import type { StoreError } from "../storage/MessageStore.ts"
import { Search } from "../storage/Search.ts"
import { ServerKeys } from "../storage/ServerKeys.ts"
import { CursorSeal } from "./CursorSeal.ts"
import { Gathering } from "./Gathering.ts"

/** Who is to see what is found. */
export interface Reader {
  readonly user: UserId
  readonly blocks: {
    /** Reads them, unless they are known. */
    readonly known: () => Effect.Effect<void, StoreError>
    readonly withholds: (said: { readonly at: number; readonly sender: UserId }) => boolean
  }
}

/** What is looked for: as a client's frame says it, but for the conversation, which is a known one. */
export interface Wanted extends
  Pick<
    SearchFrame,
    "query" | "sender" | "before_at" | "after_at" | "has" | "cursor" | "limit"
  >
{
  readonly conversation?: ConversationId
}

export type Hits = Pick<SearchResult, "hits" | "cursor">

/** So many at once; the store has much else to do. */
const atOnce = 2
/** Searches of one user that may wait: more than anybody types while one is answered. */
export const maxWaitingSearches = 16

/** How long the store is asked for one answer before it goes out with what there is, in milliseconds. */
const lookMillis = 40

export const usualHits = 20

const cannotSearch = () =>
  Errors.unknownType("This server cannot search: its store has no index of words; read the history instead.")

const nothingToLookFor = () =>
  Errors.invalidFrame("There is nothing to look for; give words, a sender, a time, or what it has to have.")

const strangeCursor = () => Errors.invalidFrame("The cursor is none of this search; begin again without one.")

export class Searches extends Context.Service<Searches, {
  /** Takes turns; one search of a user at a time. */
  readonly turns: Turns
  /** Whether the store has an index. */
  readonly enabled: boolean
  /** The newest first. Without a reader in everything that there is; with one, in what `history` would show them. */
  find(wanted: Wanted, reader?: Reader): Effect.Effect<Hits, ChatError | StoreError>
}>()("switchboard/services/search/Searches") {
  static readonly layer = Layer.effect(
    Searches,
    Effect.gen(function*() {
      const search = yield* Effect.serviceOption(Search)
      const keys = yield* Effect.serviceOption(ServerKeys)
      const bytes = pageBytesOf((yield* Settings).maxOutboundBytes)
      const now = Monotonic.nowOf(yield* Clock.Clock)
      const sign = yield* signing

      let seal: CursorSeal | undefined
      /** A store without keys is this server's alone, and so are its cursors. */
      const sealed = Effect.suspend(() => {
        if (seal !== undefined) return Effect.succeed(seal)
        const key = Option.isSome(keys)
          ? Effect.map(keys.value.key("search-cursors"), Redacted.value)
          : Effect.sync((): Uint8Array => randomBytes(32))
        return Effect.map(key, (key) => seal = new CursorSeal(key))
      })

      const find = Effect.fn("Searches.find")(function*(
        { after_at: afterAt, before_at: beforeAt, conversation, cursor, has, limit = usualHits, query: words, sender }:
          Wanted,
        reader?: Reader
      ) {
        if (Option.isNone(search)) return yield* cannotSearch()
        const query = parseQuery(words)
        const rest = defined({ conversation, sender, afterAt, beforeAt, has })
        if (query.terms.length === 0) {
          // What has no words is in no text.
          if (words.trim() !== "") return { hits: [] }
          if (sender === undefined && afterAt === undefined && beforeAt === undefined && has === undefined) {
            return yield* nothingToLookFor()
          }
        }
        const cursors = yield* sealed
        const from = cursor === undefined ? undefined : cursors.open(cursor, reader?.user)
        if (cursor !== undefined && from === undefined) return yield* strangeCursor()
        const options = { query, limit, bytes, blocks: reader?.blocks, sign }
        const gathering = new Gathering(options, from)
        const begun = now()
        for (let more = true; more;) {
          const page = yield* search.value.find({
            ...rest,
            ...defined({ user: reader?.user, after: gathering.next }),
            query,
            limit: gathering.room
          })
          // Blocks may not have been read yet, or another server may have changed them meanwhile.
          if (reader !== undefined) yield* reader.blocks.known()
          more = gathering.add(page) && now() - begun < lookMillis
          if (more) yield* nextTurn
        }
        const { hits, next } = gathering
        return { hits, ...(next === undefined ? undefined : { cursor: cursors.seal(next, reader?.user) }) }
      })

      return Searches.of({
        turns: yield* turnsWith({ atOnce, maxWaitingPerUser: maxWaitingSearches, maxWaiting: 4_096 }),
        enabled: Option.isSome(search),
        find
      })
    })
  )
}
