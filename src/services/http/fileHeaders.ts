/** How a file is handed to a browser, so that it can do nothing there. Pure. */
import { DateTime } from "effect"
import { inPath } from "../files/FileLinks.ts"
import type { FileRecord } from "../storage/FileRecords.ts"
import { pictureTypes } from "../storage/pictures.ts"

/** What is shown where it stands, as its sender called it; a browser is told not to look for anything else in it. */
const shownTypes = new Set([
  ...pictureTypes,
  "audio/mpeg",
  "audio/mp4",
  "audio/webm",
  "video/mp4",
  "video/webm",
  "application/pdf"
])

/** No scripts, no forms, no frames, and of this server only what a player or a picture of a file needs. */
const contentSecurityPolicy = [
  "sandbox",
  "default-src 'none'",
  "img-src 'self'",
  "media-src 'self'",
  "style-src 'unsafe-inline'",
  "frame-ancestors 'self'"
].join("; ")

/** For programs that know no other: one of ASCII, which cannot end early or be decoded to something else. */
const plainAscii = (name: string): string => name.replaceAll(/[^ -~]|["\\%]/gu, "_")

export const dispositionOf = (kind: "inline" | "attachment", name: string): string =>
  `${kind}; filename="${plainAscii(name)}"; filename*=UTF-8''${inPath(name)}`

export const etagOf = ({ file, sha256 }: FileRecord): string => `"${sha256 ?? file}"`

export interface FileHeaders {
  readonly contentType: string
  readonly headers: Readonly<Record<string, string>>
}

/** `seconds` is how long the link is good; `elsewhere`, whether pages of other origins may show it. */
export const fileHeaders = (record: FileRecord, seconds: number, elsewhere: boolean): FileHeaders => {
  const isShown = shownTypes.has(record.type)
  return {
    // Whatever else it says that it is, a browser would rather run or guess.
    contentType: isShown ? record.type : "application/octet-stream",
    headers: {
      "accept-ranges": "bytes",
      "cache-control": `private, max-age=${seconds}, immutable`,
      "content-disposition": dispositionOf(isShown ? "inline" : "attachment", record.name),
      "content-security-policy": contentSecurityPolicy,
      "cross-origin-resource-policy": elsewhere ? "cross-origin" : "same-origin",
      etag: etagOf(record),
      "last-modified": DateTime.toDateUtc(DateTime.makeUnsafe(record.at)).toUTCString(),
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff"
    }
  }
}
