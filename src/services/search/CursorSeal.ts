/**
 * Cursors that only a server can read. Where a store looked last may be a message that is not for whoever asked, and
 * neither its conversation nor its time is for them to know.
 */
import { Result } from "effect"
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto"
import type { UserId } from "../../domain/Ids.ts"
import { make, parse, SearchCursor, type SearchPlace } from "../../domain/search/SearchCursor.ts"

const algorithm = "aes-256-gcm"
const nonceLength = 12
const tagLength = 16
/** Begins every cursor, which could look like a flag at a command line otherwise. */
const mark = "s"

export class CursorSeal {
  readonly #key: Uint8Array

  /** 32 bytes. */
  constructor(key: Uint8Array) {
    this.#key = key
  }

  /** Good for this reader alone. */
  seal(place: SearchPlace, reader: UserId | undefined): SearchCursor {
    const nonce = randomBytes(nonceLength)
    const cipher = createCipheriv(algorithm, this.#key, nonce).setAAD(Buffer.from(reader ?? ""))
    const sealed = [nonce, cipher.update(make(place), "utf8"), cipher.final(), cipher.getAuthTag()]
    return SearchCursor.make(mark + Buffer.concat(sealed).toString("base64url"))
  }

  /** `undefined` for what no server has sealed for this reader. */
  open(cursor: SearchCursor, reader: UserId | undefined): SearchPlace | undefined {
    if (!cursor.startsWith(mark)) return undefined
    const sealed = Buffer.from(cursor.slice(mark.length), "base64url")
    if (sealed.length < nonceLength + tagLength) return undefined
    const decipher = createDecipheriv(algorithm, this.#key, sealed.subarray(0, nonceLength))
      .setAAD(Buffer.from(reader ?? ""))
      .setAuthTag(sealed.subarray(-tagLength))
    const opened = Result.try(() =>
      decipher.update(sealed.subarray(nonceLength, -tagLength), undefined, "utf8") + decipher.final("utf8")
    )
    return Result.isSuccess(opened) ? parse(opened.success) : undefined
  }
}
