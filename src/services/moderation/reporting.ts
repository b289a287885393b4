/** Messages that users tell the operator of, and in a group its owners and admins. */
import { Clock, Effect, Option } from "effect"
import { isWithheld, redact } from "../../domain/blockSpans.ts"
import { defined } from "../../domain/defined.ts"
import type { TextEntry } from "../../domain/Entry.ts"
import * as Errors from "../../domain/Errors.ts"
import { isManager } from "../../domain/groupRules.ts"
import type { UserId } from "../../domain/Ids.ts"
import { Cluster } from "../cluster/Cluster.ts"
import type { Reported } from "../cluster/Note.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { TokenBuckets } from "../kernel/TokenBuckets.ts"
import { PersistenceActor } from "../persistence/PersistenceActor.ts"
import { Router } from "../server/Router.ts"
import { sessionsIn } from "../session/Audience.ts"
import { EncodedFrame } from "../session/EncodedFrame.ts"
import type { Handlers } from "../session/Handlers.ts"
import { readAs } from "../session/readable.ts"
import { groupOf } from "../session/targets.ts"
import { MessageStore } from "../storage/MessageStore.ts"
import { maxReportedText, Reports } from "../storage/Reports.ts"

/** Of one user. */
export const reportsPerHour = 20
/** Owners and admins who are told; there are no more of them in a group that anybody can look after. */
const maxTold = 200

const noMessage = () => Errors.notFound("There is no such message; it may have been deleted.")

const noReports = () => Errors.forbidden("The store of this server keeps no reports; tell whoever runs it.")

const full = () => Errors.unavailable("There are too many reports that nobody has looked at; try again later.", 600_000)

const shortened = (text: string): string => text.slice(0, maxReportedText).toWellFormed()

/** Tells those of them who are connected here. */
const makeTell = Effect.map(
  Router,
  (router) =>
    Effect.fnUntraced(function*({ at, conversation, reason, seq, users }: Omit<Reported, "_tag">) {
      const registry = yield* router.registry
      const frame = new EncodedFrame({ type: "message_reported", conversation, seq, at, ...defined({ reason }) })
      for (const user of users) {
        for (const session of sessionsIn(registry, user)) {
          if (session.level === "plain") continue
          session.push(frame)
          session.flush()
        }
      }
    })
)

export const reporting = Effect.gen(function*() {
  const store = yield* MessageStore
  const reports = yield* Effect.serviceOption(Reports)
  const persistence = yield* PersistenceActor
  const cluster = yield* Cluster
  const tell = yield* makeTell
  const now = yield* Monotonic.now
  const run = Effect.runForkWith(yield* Effect.context<never>())
  const rate = new TokenBuckets({ perSecond: reportsPerHour / 3_600, burst: reportsPerHour })
  cluster?.onNote((note) => {
    if (note._tag === "Reported") run(tell(note))
  })

  /** A text that this user sees. */
  const shownText = Effect.fnUntraced(function*(
    frame: Parameters<Handlers<"report">["report"]>[0],
    user: UserId
  ) {
    const { conversation, entries } = yield* readAs(
      frame,
      user,
      store,
      ({ conversation, from }) =>
        from === undefined || frame.seq < from
          ? Effect.succeed({ conversation, entries: [] })
          : Effect.map(
            store.history({ conversation, from, after: frame.seq - 1, limit: 1 }),
            ({ entries }) => ({ conversation, entries })
          )
    )
    const entry = entries.find(({ seq }) => seq === frame.seq)
    if (entry?.kind !== "text") return yield* noMessage()
    const blocks = yield* store.blocks(user)
    // What is redacted is a text.
    const shown = redact({ withholds: (said) => isWithheld(blocks, said) }, entry) as TextEntry
    if (shown.deleted === true) return yield* noMessage()
    if (shown.sender === user) return yield* Errors.invalidTarget("This message is your own; delete it instead.")
    return { conversation, entry: shown }
  })

  const managers = Effect.fnUntraced(function*(frame: Parameters<Handlers<"report">["report"]>[0], author: UserId) {
    const group = groupOf(frame)
    const state = group === undefined ? undefined : yield* store.group(group)
    return (state?.members ?? []).filter(({ firstVisible, role, user }) =>
      isManager(role) && firstVisible <= frame.seq && user !== author
    ).slice(0, maxTold).map(({ user }) => user)
  })

  const report: Handlers<"report">["report"] = Effect.fn("Moderation.report")(function*(frame, { user }) {
    if (Option.isNone(reports)) return yield* noReports()
    const wait = rate.take(user, 1, now())
    if (wait > 0) return yield* Errors.rateLimited("You have reported many messages; report others later.", wait)
    const { conversation, entry } = yield* shownText(frame, user)
    const { seq } = frame
    const at = yield* Clock.currentTimeMillis
    const why = defined({ reason: frame.reason })
    const kept = yield* reports.value.put({
      conversation,
      seq,
      author: entry.sender,
      reporter: user,
      ...why,
      text: shortened(entry.text ?? ""),
      saidAt: entry.at,
      at
    })
    if (kept === "full") return yield* full()
    const answer = { type: "reported" as const, conversation, seq }
    if (kept === "known") return answer
    // The reporter's name is the operator's to know.
    const users = yield* managers(frame, entry.sender)
    if (users.length === 0) return answer
    const news = { conversation, seq, at, users, ...why }
    yield* tell(news)
    yield* Effect.forkDetach(Effect.ignore(persistence.note({ _tag: "Reported", ...news })))
    return answer
  })
  return { report }
})
