/** The admin API about files, carried out. */
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { defined } from "../../domain/defined.ts"
import type { FileId } from "../../domain/Ids.ts"
import { AuditLog } from "../access/AuditLog.ts"
import { Api } from "../api/Api.ts"
import { apiError, storeIsDown } from "../api/ApiError.ts"
import { usualPage } from "../api/paging.ts"
import { Files } from "../files/Files.ts"
import type { FileRecord } from "../storage/FileRecords.ts"
import { pictureSeq } from "../storage/pictures.ts"

/** Messages that name a file, in an answer. */
const mostUses = 100

const shown = ({ at, file, name, owner, sha256, size, state, type, used }: FileRecord) => ({
  file,
  user: owner,
  name,
  type,
  size,
  ...defined({ sha256 }),
  state,
  at,
  used
})

const none = () => apiError(404, "There is no such file; it may have been removed.")

export const AdminFileHandlers = HttpApiBuilder.group(
  Api,
  "adminFiles",
  Effect.fn(function*(handlers) {
    const audit = yield* AuditLog
    const files = yield* Files

    const recordOf = Effect.fnUntraced(function*(file: FileId) {
      const record = yield* Effect.mapError(files.record(file), storeIsDown)
      return record ?? (yield* none())
    })

    return handlers.handleAll({
      list: Effect.fnUntraced(function*({ query: { after, limit = usualPage, state, user } }) {
        const options = { limit: limit + 1, ...defined({ after, state, owner: user }) }
        const found = yield* Effect.mapError(files.list(options), storeIsDown)
        return { files: found.slice(0, limit).map(shown), has_more: found.length > limit }
      }),
      get: Effect.fnUntraced(function*({ params: { file } }) {
        const record = yield* recordOf(file)
        const uses = yield* Effect.mapError(files.uses(file, mostUses), storeIsDown)
        const shownBy = uses.filter(({ seq }) => seq === pictureSeq).map(({ conversation }) => conversation)
        return {
          ...shown(record),
          uses: uses.filter(({ seq }) => seq !== pictureSeq),
          ...(shownBy.length === 0 ? undefined : { shown_by: shownBy })
        }
      }),
      release: Effect.fnUntraced(function*({ params: { file } }) {
        if (!(yield* Effect.mapError(files.release(file), storeIsDown))) {
          const { state } = yield* recordOf(file)
          return yield* apiError(409, `The file is not held but ${state}; there is nothing to release.`)
        }
        const record = yield* recordOf(file)
        yield* audit.record("Admin.file_released", { file, user: record.owner })
        return shown(record)
      }),
      remove: Effect.fnUntraced(function*({ params: { file } }) {
        const { owner } = yield* recordOf(file)
        if (!(yield* Effect.mapError(files.remove(file), storeIsDown))) return yield* none()
        yield* audit.record("Admin.file_removed", { file, user: owner })
      })
    })
  })
)
