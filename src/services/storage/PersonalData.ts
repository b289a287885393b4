/** What is stored about a user: given out, or erased. For commands and apps, also beside a server on the same store. */
import { Context, Effect, Layer, Option, Semaphore, Stream } from "effect"
import { blockedNow, type BlockSpan, redact, Spans } from "../../domain/blockSpans.ts"
import * as Conversation from "../../domain/Conversation.ts"
import { defined } from "../../domain/defined.ts"
import type { Entry } from "../../domain/Entry.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { MessageStore, type StoredMembership, type StoreError, type UserExport } from "./MessageStore.ts"

/** What an erasure found and did. */
export interface Erased {
  /** Whether anything was stored that can be erased. */
  readonly found: boolean
  /** How many texts went. */
  readonly texts: number
  /** Whether the name is banned, which it stays. */
  readonly banned: boolean
}

/** Entries read at once. In an embedded store nobody else has their turn meanwhile. */
const pageSize = 100

/** Until then every server has heard of it and has closed the user's connections. */
const untilHeard = "2 seconds"

const pages = (
  ask: (after: number) => Effect.Effect<ReadonlyArray<Entry>, StoreError>
): Stream.Stream<ReadonlyArray<Entry>, StoreError> =>
  Stream.paginate(0, (after) =>
    Effect.map(ask(after), (entries) => {
      const last = entries.at(-1)
      return last === undefined ? [[], Option.none()] : [[entries], Option.some(last.seq)]
    }))

const withName = ({ conversation, firstVisible, ...rest }: StoredMembership, user: UserId) => {
  const parsed = Conversation.parse(conversation)
  return {
    conversation,
    ...defined({
      group: parsed?.kind === "group" ? parsed.group : undefined,
      peer: parsed?.kind === "direct" ? Conversation.peerOf(parsed.users, user) : undefined
    }),
    first_visible: firstVisible,
    ...rest
  }
}

/** An object without its closing brace. */
const opened = (value: object): string => JSON.stringify(value).slice(0, -1)

/** What is stored, part by part: the user, then each conversation and after it its entries. */
export type ExportPart =
  | { readonly type: "user"; readonly value: object }
  | { readonly type: "conversation"; readonly value: object }
  | { readonly type: "entries"; readonly conversation: ConversationId; readonly entries: ReadonlyArray<Entry> }

const headOf = ({ bans, blocks, devices, lastSeen, profile, user }: UserExport): ExportPart => ({
  type: "user",
  value: {
    user,
    ...defined({
      profile: profile === undefined
        ? undefined
        : { ...defined({ name: profile.name, avatar: profile.avatar }), updated_at: profile.updatedAt },
      last_seen: lastSeen
    }),
    bans,
    blocked: blockedNow(blocks),
    blocks,
    devices
  }
})

/** One JSON document, in which every conversation has its entries. */
const makeDocument = () => {
  let isIn = false
  let hasEntries = false
  const ended = () => isIn ? "]}" : ""
  return {
    part: (part: ExportPart): string => {
      if (part.type === "user") return `${opened(part.value)},"conversations":[`
      if (part.type === "conversation") {
        const before = isIn ? "]}," : ""
        isIn = true
        hasEntries = false
        return `${before}${opened(part.value)},"entries":[`
      }
      const before = hasEntries ? "," : ""
      hasEntries = true
      return before + part.entries.map((entry) => JSON.stringify(entry)).join(",\n")
    },
    end: () => `${ended()}]}`
  }
}

/** Without what makes a user known by being forbidden. */
const isEmpty = ({ blocks, devices, lastSeen, memberships, profile }: UserExport): boolean =>
  lastSeen === undefined && profile === undefined && [blocks, devices, memberships].every(({ length }) => length === 0)

/** Between two steps, for as long as the last one took: a server on the same store has its turn, and nobody notices. */
const makePause = Effect.map(Monotonic.now, (now) => {
  let since = now()
  return Effect.suspend(() => Effect.sleep(Math.min(50, now() - since))).pipe(
    Effect.andThen(Effect.sync(() => {
      since = now()
    }))
  )
})

export class PersonalData extends Context.Service<PersonalData, {
  /**
   * One JSON document in parts, which are read as they are taken: a conversation may be larger than memory. It has what
   * the user may see, as they see it. `undefined` when nothing is stored.
   */
  readonly export: (user: UserId) => Effect.Effect<Stream.Stream<string, StoreError> | undefined, StoreError>
  /** The same, part by part. */
  readonly parts: (user: UserId) => Effect.Effect<Stream.Stream<ExportPart, StoreError> | undefined, StoreError>
  /**
   * Removes the profile, texts, reactions, cursors, blocks and memberships; places in logs and bans stay. Comes back when every server
   * on the store has heard of it and let go of the user, after two seconds. One that was interrupted has to be run again.
   * Of somebody who `isHere` nothing need be stored yet.
   */
  readonly erase: (user: UserId, isHere?: boolean) => Effect.Effect<Erased, StoreError>
}>()("switchboard/services/storage/PersonalData") {
  static readonly layer: Layer.Layer<PersonalData, never, MessageStore> = Layer.effect(
    PersonalData,
    Effect.gen(function*() {
      const store = yield* MessageStore

      /** Of a group that they left, and of the time before they came again, what they said themselves. */
      const entriesOf = (
        user: UserId,
        { conversation, firstVisible, left }: StoredMembership,
        blocks: ReadonlyArray<BlockSpan>
      ) => {
        const before = left === undefined ? firstVisible : Number.MAX_SAFE_INTEGER
        const spans = new Spans(blocks)
        const own = pages((after) =>
          Effect.map(
            store.ownEntries({ user, conversation, after, limit: pageSize }),
            (entries) => entries.filter(({ seq }) => seq < before)
          )
        )
        const all = pages((after) =>
          Effect.map(
            store.history({ conversation, after, limit: pageSize, from: firstVisible }),
            ({ entries }) => entries.map((entry) => redact(spans, entry))
          )
        )
        return left === undefined ? Stream.concat(own, all) : own
      }

      const partsOf = (stored: UserExport): Stream.Stream<ExportPart, StoreError> => {
        const { blocks, memberships, user } = stored
        const conversations = Stream.fromIterable(memberships).pipe(
          Stream.flatMap((membership) =>
            Stream.concat(
              Stream.make<[ExportPart]>({ type: "conversation", value: withName(membership, user) }),
              entriesOf(user, membership, blocks).pipe(
                Stream.map((entries): ExportPart => ({
                  type: "entries",
                  conversation: membership.conversation,
                  entries
                }))
              )
            )
          )
        )
        return Stream.concat(Stream.make(headOf(stored)), conversations)
      }

      const parts = Effect.fn("PersonalData.parts")(function*(user: UserId) {
        const stored = yield* store.exportUser(user)
        return isEmpty(stored) && stored.bans.length === 0 ? undefined : partsOf(stored)
      })

      // Each takes turns with those who write, and several of them would leave no turn to anybody.
      const oneAtATime = yield* Semaphore.make(1)
      const eraseUser = (user: UserId, pause: Effect.Effect<void>) =>
        oneAtATime.withPermits(1)(store.eraseUser(user, pause))

      return PersonalData.of({
        parts,
        export: Effect.fn("PersonalData.export")(function*(user) {
          const found = yield* parts(user)
          if (found === undefined) return undefined
          return Stream.suspend(() => {
            const document = makeDocument()
            return Stream.concat(Stream.map(found, document.part), Stream.suspend(() => Stream.make(document.end())))
          })
        }),
        erase: Effect.fn("PersonalData.erase")(function*(user, isHere = false) {
          const stored = yield* store.exportUser(user)
          const banned = stored.bans.length > 0
          if (isEmpty(stored) && !isHere) return { found: false, texts: 0, banned }
          const pause = yield* makePause
          const removed = yield* eraseUser(user, pause)
          // And what a connection that was still open has left behind.
          yield* Effect.sleep(untilHeard)
          return { found: true, texts: removed + (yield* eraseUser(user, pause)), banned }
        })
      })
    })
  )
}
