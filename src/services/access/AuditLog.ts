/**
 * What happened at the door and to whom: fields, never a token, a ticket or a text. An attack makes the same line over
 * and over; past a few a second they are counted instead of written.
 */
import { Context, Effect, Layer } from "effect"
import * as Monotonic from "../kernel/Monotonic.ts"
import { TokenBucket } from "../kernel/TokenBuckets.ts"
import { UserNames } from "../UserNames.ts"

type AuditFields = Readonly<Record<string, string | number | undefined>>

const rate = { perSecond: 10, burst: 50 }

/** Control characters, line ends and what turns the direction of text must not forge or hide a line. */
export const neutralised = (value: string): string =>
  value.slice(0, 200).replaceAll(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (c) => `\\u${c.codePointAt(0)!.toString(16).padStart(4, "0")}`
  )

export class AuditLog extends Context.Service<AuditLog, {
  /** Writes a line, or counts it for the next one. `user` is shown as `UserNames` says. */
  record(event: string, fields: AuditFields): Effect.Effect<void>
}>()("switchboard/services/access/AuditLog") {
  static readonly layer = Layer.effect(
    AuditLog,
    Effect.gen(function*() {
      const now = yield* Monotonic.now
      const nameOf = yield* UserNames
      const bucket = new TokenBucket(rate, now())
      let suppressed = 0
      return AuditLog.of({
        record: (event, fields) =>
          Effect.suspend(() => {
            if (bucket.take(rate, 1, now()) > 0) {
              suppressed++
              return Effect.void
            }
            const shown: Record<string, string | number> = suppressed === 0 ? {} : { suppressed }
            suppressed = 0
            for (const [name, value] of Object.entries(fields)) {
              if (typeof value === "number") shown[name] = value
              else if (value !== undefined) shown[name] = neutralised(name === "user" ? nameOf(value) : value)
            }
            return Effect.annotateLogs(Effect.logInfo(event), shown)
          })
      })
    })
  )
}
