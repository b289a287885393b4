/** What users have reported, as the operator looks at it. */
import { Clock, Context, Effect, Layer, Option } from "effect"
import * as Errors from "../../domain/Errors.ts"
import type { ChatError } from "../../domain/Errors.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import { AuditLog } from "../access/AuditLog.ts"
import type { StoreError } from "../storage/MessageStore.ts"
import { Reports, type StoredReport } from "../storage/Reports.ts"

export interface ReportPage {
  readonly before?: number
  readonly open?: boolean
  readonly conversation?: ConversationId
  /** Whose messages. */
  readonly author?: UserId
  readonly limit: number
}

type Done<A> = Effect.Effect<A, ChatError | StoreError>

const noReports = () => Errors.unavailable("The store of this server keeps no reports; give its app a Reports.", 60_000)

export class ReportAdmin extends Context.Service<ReportAdmin, {
  /** The newest first. */
  list(options: ReportPage): Done<ReadonlyArray<StoredReport>>
  /** Somebody has seen to it. `not_found` where there is none. */
  close(id: number): Done<StoredReport>
}>()("switchboard/services/admin/ReportAdmin") {
  static readonly layer = Layer.effect(
    ReportAdmin,
    Effect.gen(function*() {
      const audit = yield* AuditLog
      const reports = Option.match(yield* Effect.serviceOption(Reports), {
        onNone: () => Effect.fail(noReports()),
        onSome: Effect.succeed<Reports["Service"]>
      })
      return ReportAdmin.of({
        list: Effect.fn("ReportAdmin.list")(function*(options) {
          return yield* (yield* reports).list(options)
        }),
        close: Effect.fn("ReportAdmin.close")(function*(id) {
          const closed = yield* (yield* reports).close(id, yield* Clock.currentTimeMillis)
          if (closed === undefined) {
            return yield* Errors.notFound("There is no such report; it may be gone with its message.")
          }
          yield* audit.record("Admin.report_closed", { report: id, user: closed.author })
          return closed
        })
      })
    })
  )
}
