/** The admin API about reports, carried out. */
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { defined } from "../../domain/defined.ts"
import type { ChatError } from "../../domain/Errors.ts"
import { ReportAdmin } from "../admin/ReportAdmin.ts"
import { Api } from "../api/Api.ts"
import { ofChatError, storeIsDown } from "../api/ApiError.ts"
import { usualPage } from "../api/paging.ts"
import type { StoreError } from "../storage/MessageStore.ts"
import type { StoredReport } from "../storage/Reports.ts"

const failing = (error: ChatError | StoreError) => error._tag === "StoreError" ? storeIsDown() : ofChatError(error)

const shown = ({ closedAt, saidAt, ...report }: StoredReport) => ({
  ...report,
  said_at: saidAt,
  ...defined({ closed_at: closedAt })
})

export const ReportHandlers = HttpApiBuilder.group(
  Api,
  "reports",
  Effect.fn(function*(handlers) {
    const reports = yield* ReportAdmin
    return handlers.handleAll({
      list: ({ query: { after, conversation, limit = usualPage, state, user } }) =>
        reports.list({
          limit: limit + 1,
          ...defined({
            before: after,
            conversation,
            author: user,
            open: state === undefined ? undefined : state === "open"
          })
        }).pipe(
          Effect.mapBoth({
            onFailure: failing,
            onSuccess: (found) => ({ reports: found.slice(0, limit).map(shown), has_more: found.length > limit })
          })
        ),
      close: ({ params: { report } }) => Effect.mapBoth(reports.close(report), { onFailure: failing, onSuccess: shown })
    })
  })
)
