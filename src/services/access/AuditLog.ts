/**
 * What happened at the door and to whom: fields, never a token, a ticket or a text. An attack makes the same line over
 * and over; past a few they are counted instead of written, and hide no other.
 */
import { Context, Effect, Layer } from "effect"
import * as LogLimit from "../kernel/LogLimit.ts"
import { UserNames } from "../UserNames.ts"

type AuditFields = Readonly<Record<string, string | number | undefined>>

/** Of one event. */
const rate = { perSecond: 1, burst: 50 }

/** What an administrator did: nobody else can make many of these lines, and none may be missing. */
const isDeed = (event: string): boolean => /^(Admin|Bans|Erasures)\./.test(event) && event !== "Admin.refused"

/** Control characters, line ends and what turns the direction of text must not forge or hide a line. */
export const neutralised = (value: string): string =>
  value.slice(0, 200).replaceAll(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (c) => `\\u${c.codePointAt(0)!.toString(16).padStart(4, "0")}`
  )

export class AuditLog extends Context.Service<AuditLog, {
  /**
   * Writes a line, or counts it for the next one of this event; what administrators do is always written. `user` is shown
   * as `UserNames` says.
   */
  record(event: string, fields: AuditFields): Effect.Effect<void>
}>()("switchboard/services/access/AuditLog") {
  static readonly layer = Layer.effect(
    AuditLog,
    Effect.gen(function*() {
      const nameOf = yield* UserNames
      const { write } = yield* LogLimit.make({ rate, log: Effect.logInfo })
      return AuditLog.of({
        record: (event, fields) => {
          const line = Effect.suspend(() => {
            const shown: Record<string, string | number> = {}
            for (const [name, value] of Object.entries(fields)) {
              if (typeof value === "number") shown[name] = value
              else if (value !== undefined) shown[name] = neutralised(name === "user" ? nameOf(value) : value)
            }
            return Effect.annotateLogs(Effect.logInfo(event), shown)
          })
          return isDeed(event) ? line : write(event, line)
        }
      })
    })
  )
}
