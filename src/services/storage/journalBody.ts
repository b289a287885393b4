/** What a row of the journal holds, as text: small, because there is one for each commit. */
import { Option, Schema } from "effect"
import { ConversationId, Seq } from "../../domain/Ids.ts"
import type { JournalRow, Run } from "./Journal.ts"
import type { Position } from "./Position.ts"

/** Conversation, from, to; epoch and offset of what was before; the group's version. */
const Told = Schema.Tuple([
  ConversationId,
  Seq,
  Seq,
  Schema.NullOr(Schema.Int),
  Schema.NullOr(Schema.Int),
  Schema.NullOr(Schema.Int)
])

/** Version 2 has changes of groups that servers of version 1 do not know: they look at everything anew. */
const Body = Schema.Struct({ v: Schema.Literals([1, 2]), t: Schema.Array(Told), k: Schema.Array(Schema.Unknown) })

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(Body))

export const writeBody = (runs: ReadonlyArray<Run>, notes: ReadonlyArray<unknown>): string => {
  const body: typeof Body.Type = {
    v: runs.some((run) => run.isLater === true) ? 2 : 1,
    t: runs.map(({ after, conversation, from, to, version }) => [
      conversation,
      from,
      to,
      after?.epoch ?? null,
      after?.offset ?? null,
      version ?? null
    ]),
    k: notes
  }
  return JSON.stringify(body)
}

const toRun = ([conversation, from, to, epoch, offset, version]: typeof Told.Type): Run => ({
  conversation,
  from,
  to,
  ...(epoch === null || offset === null ? undefined : { after: { epoch, offset } }),
  ...(version === null ? undefined : { version })
})

/** A row of another version must not stop those who read along. */
export const readBody = ({ epoch, offset }: Position, text: string): JournalRow =>
  Option.match(decode(text), {
    onNone: () => ({ epoch, offset, runs: [], notes: [], unreadable: true }),
    onSome: ({ k, t }) => ({ epoch, offset, runs: t.map(toRun), notes: k })
  })
