/** What is offered, and why it is not taken. */
import { ErrorReporter, Schema, type Stream } from "effect"
import type { UserId } from "../../domain/Ids.ts"

/** Why a file was not taken. `status` is what HTTP says. */
export class FileRefused extends Schema.TaggedError<FileRefused>()("FileRefused", {
  /** 400 a name, type or body that will not do; 413 too large; 422 the policy; 501 no files here; 503 not now; 507 no room. */
  status: Schema.Literals([400, 413, 422, 501, 503, 507]),
  message: Schema.String
}) {
  override readonly [ErrorReporter.ignore] = true
}

export interface Upload<E> {
  readonly owner: UserId
  readonly name: string
  readonly type: string
  /** What was said of it; without, as much as may come. */
  readonly size?: number
  readonly content: Stream.Stream<Uint8Array, E>
}
