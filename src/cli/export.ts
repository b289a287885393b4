/** What is stored about a user as one JSON document, printed as it is read: a conversation may be larger than memory. */
import { Console, Effect } from "effect"
import { blockedNow, type BlockSpan, redact, Spans } from "../domain/blockSpans.ts"
import * as Conversation from "../domain/Conversation.ts"
import type { Entry } from "../domain/Entry.ts"
import type { UserId } from "../domain/Ids.ts"
import {
  MessageStore,
  type StoredMembership,
  type StoreError,
  type UserExport
} from "../services/storage/MessageStore.ts"

const pageSize = 500

/** Reads pages until one is empty. */
const eachPage = Effect.fnUntraced(function*<R>(
  ask: (after: number) => Effect.Effect<ReadonlyArray<Entry>, StoreError>,
  use: (entries: ReadonlyArray<Entry>) => Effect.Effect<void, never, R>
) {
  let after = 0
  while (true) {
    const entries = yield* ask(after)
    if (entries.length === 0) return
    yield* use(entries)
    after = entries.at(-1)!.seq
  }
})

/** What the user may see, as they see it; of a group that they left, and of the time before they came again, their own. */
const eachEntry = Effect.fnUntraced(function*(
  user: UserId,
  { conversation, firstVisible, left }: StoredMembership,
  blocks: ReadonlyArray<BlockSpan>,
  use: (entries: ReadonlyArray<Entry>) => Effect.Effect<void>
) {
  const store = yield* MessageStore
  const before = left === undefined ? firstVisible : Number.MAX_SAFE_INTEGER
  yield* eachPage(
    (after) =>
      Effect.map(
        store.ownEntries({ user, conversation, after, limit: pageSize }),
        (entries) => entries.filter(({ seq }) => seq < before)
      ),
    use
  )
  if (left !== undefined) return
  const spans = new Spans(blocks)
  yield* eachPage(
    (after) =>
      Effect.map(
        store.history({ conversation, after, limit: pageSize, from: firstVisible }),
        ({ entries }) => entries.map((entry) => redact(spans, entry))
      ),
    use
  )
})

const withName = ({ conversation, firstVisible, ...rest }: StoredMembership, user: UserId) => {
  const parsed = Conversation.parse(conversation)
  const peer = parsed?.kind === "direct" ? Conversation.peerOf(parsed.users, user) : undefined
  return {
    conversation,
    ...(parsed?.kind === "group" ? { group: parsed.group } : undefined),
    ...(peer === undefined ? undefined : { peer }),
    first_visible: firstVisible,
    ...rest
  }
}

/** An object without its closing brace. */
const opened = (value: object): string => JSON.stringify(value).slice(0, -1)

export const printExport = Effect.fn("printExport")(function*(stored: UserExport) {
  const { bans, blocks, devices, lastSeen, memberships, user } = stored
  const head = {
    user,
    ...(lastSeen === undefined ? undefined : { last_seen: lastSeen }),
    bans,
    blocked: blockedNow(blocks),
    blocks,
    devices
  }
  yield* Console.log(`${opened(head)},"conversations":[`)
  for (const [index, membership] of memberships.entries()) {
    yield* Console.log(`${index === 0 ? "" : ","}${opened(withName(membership, user))},"entries":[`)
    let comma = ""
    yield* eachEntry(user, membership, blocks, (entries) => {
      const lines = entries.map((entry) => JSON.stringify(entry)).join(",\n")
      const text = comma + lines
      comma = ","
      return Console.log(text)
    })
    yield* Console.log("]}")
  }
  yield* Console.log("]}")
})
