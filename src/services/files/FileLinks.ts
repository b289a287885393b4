/**
 * Paths of files, signed: good for a day for whoever has them. Entries are stored without, and get theirs when somebody is
 * shown them. The key is in the store, so a link of one server is good at all of them.
 */
import { Clock, Context, Effect, Layer, Option, Redacted, Schedule } from "effect"
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto"
import type { Attachment } from "../../domain/entries/Attachment.ts"
import type { Entry } from "../../domain/Entry.ts"
import type { FileId } from "../../domain/Ids.ts"
import { BasePath } from "../BasePath.ts"
import { ServerKeys } from "../storage/ServerKeys.ts"

/** How long a link is good, in milliseconds, and a little more: they change once an hour, so that a cache has its use. */
export const linkMillis = 86_400_000

const hourMillis = 3_600_000

/** A number of seconds as we write it, and nothing else that a number can be written as. */
const isExpiry = /^[1-9]\d{0,11}$/

/** Names as they stand in a path or a header: what `encodeURIComponent` leaves and some proxies do not is encoded too. */
export const inPath = (name: string): string =>
  encodeURIComponent(name).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

/** Where the store has no keys, links are good as long as this process is there. */
const makeKey = Effect.gen(function*() {
  const keys = yield* Effect.serviceOption(ServerKeys)
  let key: Uint8Array = randomBytes(32)
  if (Option.isNone(keys)) return () => key
  const read = Effect.map(keys.value.key("file-links"), (shared) => {
    key = Redacted.value(shared)
  })
  // A store that does not answer at the start is told of elsewhere; until it does, links are good at this server alone.
  yield* read.pipe(
    Effect.catchTag("StoreError", () => Effect.forkScoped(Effect.retry(read, Schedule.spaced("1 second"))))
  )
  return () => key
})

export class FileLinks extends Context.Service<FileLinks, {
  /** The same entry with a path for each of its files; whatever has none is the same object. */
  sign<E extends Entry>(entry: E): E
  urlOf(attachment: Pick<Attachment, "file" | "name">): string
  /** Whether a path is ours and still good. */
  isGood(file: FileId, expires: string, signature: string): Effect.Effect<boolean>
}>()("switchboard/services/files/FileLinks") {
  static readonly layer = Layer.effect(
    FileLinks,
    Effect.gen(function*() {
      const base = yield* BasePath
      const clock = yield* Clock.Clock
      const key = yield* makeKey

      const signatureOf = (file: FileId, expires: string): string =>
        createHmac("sha256", key()).update(`${file}\n${expires}`).digest("base64url")

      const urlOf = ({ file, name }: Pick<Attachment, "file" | "name">): string => {
        const hour = Math.floor(clock.currentTimeMillisUnsafe() / hourMillis)
        const expires = String(((hour + 1) * hourMillis + linkMillis) / 1_000)
        return `${base}/v1/files/${file}/${inPath(name)}?expires=${expires}&signature=${signatureOf(file, expires)}`
      }

      return FileLinks.of({
        urlOf,
        sign: (entry) =>
          entry.kind !== "text" || entry.attachments === undefined
            ? entry
            : { ...entry, attachments: entry.attachments.map((each) => ({ ...each, url: urlOf(each) })) },
        isGood: (file, expires, signature) =>
          Effect.sync(() => {
            if (!isExpiry.test(expires) || Number(expires) * 1_000 <= clock.currentTimeMillisUnsafe()) return false
            // As text: more than one text stands for the same bytes.
            const shown = Buffer.from(signature)
            const right = Buffer.from(signatureOf(file, expires))
            return shown.length === right.length && timingSafeEqual(shown, right)
          })
      })
    })
  )
}
