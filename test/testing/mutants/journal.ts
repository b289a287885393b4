/** Journals that tell too little, too much, or of somebody else. */
import { Effect, Redacted } from "effect"
import { Journal, type Journalled } from "../../../src/services/storage/Journal.ts"
import type { AppendResult } from "../../../src/services/storage/MessageStore.ts"
import { breaking, type Mutants } from "./Mutant.ts"
import { results, store } from "./store/breaking.ts"

const journal = breaking(Journal)

const told = (change: (page: Journalled) => Journalled) => journal.answers("since", change)

const rows = (change: (rows: Journalled["rows"], page: Journalled) => Journalled["rows"]) =>
  told((page) => ({ ...page, rows: change(page.rows, page) }))

export const journalMutants: Mutants = {
  "P5 a commit leaves one row, which tells of each conversation what it wrote there": rows((all) =>
    all.flatMap((row) => row.runs.map((run) => ({ ...row, runs: [run] })))
  ),
  "offsets are contiguous; what makes nothing new has none": store.asks("commit", (appends, moves, stamp) => [
    appends,
    moves,
    stamp === undefined ? undefined : { ...stamp, notes: [...stamp.notes, "here"] }
  ]),
  "notes are a row, alone too, and come as they went in": rows((all) => all.filter(({ runs }) => runs.length > 0)),
  "P1 a commit fails whose position is taken or whose epoch is not there; nothing of it is kept, nor its offset used":
    store.changed(({ commit }) => ({
      commit: (appends, moves, stamp) =>
        Effect.catchTag(commit(appends, moves, stamp), "StoreError", () => commit(appends, moves))
    })),
  "P2 each entry says which commit wrote the one before it, in whichever epoch": results((result) => {
    if (result._tag === "Rejected") return result
    const { after: _, ...rest } = result
    return rest
  }),
  "what is committed without a stamp is told to nobody, and the next entry is after the last that was": store.answers(
    "commit",
    (answer, _, __, stamp) => ({
      ...answer,
      appends: answer.appends.map((result): AppendResult =>
        stamp === undefined && result._tag === "Accepted" ? { ...result, after: { epoch: 1, offset: 1 } } : result
      )
    })
  ),
  "P5 whoever follows is told what is past their positions, and of epochs they do not know from the first on": journal
    .answers("since", (page, known) => ({ ...page, rows: page.rows.filter(({ epoch }) => known.has(epoch)) })),
  "one's own epoch can be left out, and is among the epochs all the same": journal.asks("since", (known, { limit }) => [
    known,
    { limit }
  ]),
  "no more is told at once than was asked for, and that there is more": told((page) => ({ ...page, hasMore: false })),
  "positions are the last offset of each epoch, and 0 before it has written": journal.answers(
    "positions",
    (positions) => new Map(Array.from(positions).filter(([, offset]) => offset > 0))
  ),
  "P5 what an epoch wrote late is found, though it was given up and others have gone on": rows((all, { epochs }) =>
    all.filter((row) => epochs.some(({ ended, epoch }) => epoch === row.epoch && !ended))
  ),
  "entries come in the order of the runs that they are asked by, as they are now": journal.answers(
    "entries",
    (found) => found.toReversed()
  ),
  "epochs say whose they are, how long they are silent, and that they have ended": told((page) => ({
    ...page,
    epochs: page.epochs.map((epoch) => ({ ...epoch, ended: false }))
  })),
  "what is younger than ten minutes is kept": journal.since("trim", rows(() => [])),
  "what is older is forgotten, and offsets go on; so are epochs that ended or were silent for as long": journal.ignores(
    "trim",
    undefined
  ),
  "an epoch that is forgotten gives no signs of life and writes nothing, and nobody is told to wait for it": journal
    .answers("beat", () => true),
  "orders grow, and no two are the same": journal.answers("nextOrder", () => 1),
  "the key is 32 bytes, the same whenever and by whomever it is asked for": (services) => {
    let asked = 0
    return journal.answers("key", () => Redacted.make(new Uint8Array(32).fill(asked++)))(services)
  },
  "P8 a ticket is good once, whoever asks, and not when it has expired": (services) => {
    const kept = new Map<string, string>()
    return journal.answers("takeTicket", (body, hash) => {
      if (body !== undefined) kept.set(hash, body)
      return kept.get(hash)
    })(services)
  }
}
