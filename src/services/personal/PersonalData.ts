/** What is stored about a user: given out, or erased. For commands and apps, also beside a server on the same store. */
import { Context, Effect, Layer, Option, Semaphore, Stream } from "effect"
import { type BlockSpan, redact, Spans } from "../../domain/blockSpans.ts"
import type { Entry } from "../../domain/Entry.ts"
import type { UserId } from "../../domain/Ids.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { MessageStore, type StoredMembership, type StoreError, type UserExport } from "../storage/MessageStore.ts"
import { conversationPart, type ExportPart, makeDocument, userPart } from "./exportDocument.ts"
import { fileParts } from "./fileParts.ts"

export type { ExportPart }

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

/** Without what makes a user known by being forbidden. */
const isEmpty = (
  { blocks, devices, lastSeen, memberships, profile, pushSubscriptions, readPrivately, reports }: UserExport
): boolean =>
  [lastSeen, profile, pushSubscriptions, readPrivately, reports].every((each) => each === undefined) &&
  [blocks, devices, memberships].every(({ length }) => length === 0)

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
   * One JSON document in parts, which are read as they are taken: a conversation or a file may be larger than memory. It
   * has what the user may see, as they see it, and the files that they have uploaded, with what is in them where there is
   * a `FileStore`. `undefined` when nothing is stored.
   */
  readonly export: (user: UserId) => Effect.Effect<Stream.Stream<string, StoreError> | undefined, StoreError>
  /** The same, part by part. */
  readonly parts: (user: UserId) => Effect.Effect<Stream.Stream<ExportPart, StoreError> | undefined, StoreError>
  /**
   * Removes the profile, texts, files, reactions, cursors, blocks and memberships; places in logs and bans stay. Nobody has
   * the files from then on; what is in them goes with the next sweep. Comes back when every server on the store has heard
   * of it and let go of the user, after two seconds. One that was interrupted has to be run again.
   * Of somebody who `isHere` nothing need be stored yet.
   */
  readonly erase: (user: UserId, isHere?: boolean) => Effect.Effect<Erased, StoreError>
}>()("switchboard/services/personal/PersonalData") {
  static readonly layer: Layer.Layer<PersonalData, never, MessageStore> = Layer.effect(
    PersonalData,
    Effect.gen(function*() {
      const store = yield* MessageStore
      const files = yield* fileParts

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
          Effect.gen(function*() {
            const { entries } = yield* store.history({ conversation, after, limit: pageSize, from: firstVisible })
            const now = yield* store.membership(conversation, user)
            if (now?.firstVisible === firstVisible) return entries.map((entry) => redact(spans, entry))
            // An export takes its time: whoever was taken out meanwhile has what is left of their own.
            return yield* store.ownEntries({ user, conversation, after, limit: pageSize })
          })
        )
        return left === undefined ? Stream.concat(own, all) : own
      }

      const partsOf = (stored: UserExport): Stream.Stream<ExportPart, StoreError> => {
        const { blocks, memberships, user } = stored
        const conversations = Stream.fromIterable(memberships).pipe(
          Stream.flatMap((membership) =>
            Stream.concat(
              Stream.make(conversationPart(membership, user)),
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
        return Stream.make(userPart(stored)).pipe(Stream.concat(conversations), Stream.concat(files.of(user)))
      }

      const parts = Effect.fn("PersonalData.parts")(function*(user: UserId) {
        const stored = yield* store.exportUser(user)
        const isNobody = isEmpty(stored) && stored.bans.length === 0 && !(yield* files.has(user))
        return isNobody ? undefined : partsOf(stored)
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
          if (isEmpty(stored) && !isHere && !(yield* files.has(user))) return { found: false, texts: 0, banned }
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
