/** What is said about files, and which of them are shown as what they are. */
import type { Attachment, Attachments } from "../../domain/entries/Attachment.ts"
import { perLocale, words } from "../words/index.ts"

export type FileKind = "picture" | "video" | "audio" | "file"

/** What browsers draw without running anything in it. SVG is not among them: it is a document. */
const pictures = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"])
const videos = new Set(["video/mp4", "video/webm"])
const sounds = new Set(["audio/mpeg", "audio/mp3", "audio/mp4", "audio/webm"])

const plainType = (type: string): string => type.split(";", 1)[0]!.trim().toLowerCase()

export const isPictureType = (type: string): boolean => pictures.has(plainType(type))
export const isVideoType = (type: string): boolean => videos.has(plainType(type))

/** A picture has its place before it is there, so one of which nobody said how large it is is a file. */
export const kindOf = ({ height, type, width }: Pick<Attachment, "type" | "width" | "height">): FileKind => {
  const plain = plainType(type)
  if (pictures.has(plain)) return width === undefined || height === undefined ? "file" : "picture"
  if (videos.has(plain)) return "video"
  return sounds.has(plain) ? "audio" : "file"
}

const rasters: ReadonlyArray<readonly [beginning: string, type: string]> = [
  ["iVBORw0KGgo", "image/png"],
  ["/9j/", "image/jpeg"],
  ["R0lGOD", "image/gif"],
  ["UklGR", "image/webp"]
]

/** A thumbnail is anything that somebody sent: it is shown only as what it is by its first bytes. */
export const previewUrl = (preview: string | undefined): string | undefined => {
  const raster = preview === undefined || !/^[A-Za-z0-9+/]+=*$/.test(preview)
    ? undefined
    : rasters.find(([beginning]) => preview.startsWith(beginning))
  return raster === undefined ? undefined : `data:${raster[1]};base64,${preview}`
}

/** Only ever a path of this server, or what this browser made itself. */
export const safeUrl = (url: string | undefined): string | undefined => {
  if (url === undefined || !URL.canParse(url, location.href)) return undefined
  const { href, origin, protocol } = new URL(url, location.href)
  return origin === location.origin && /^(https?|blob):$/.test(protocol) ? href : undefined
}

/** Of a person: such a path, or one that a token or an administrator has named, which is https. The page's policy has the last word. */
export const pictureUrl = (url: string | undefined): string | undefined =>
  url !== undefined && /^https:\/\//i.test(url) && URL.canParse(url) ? new URL(url).href : safeUrl(url)

const units = ["", "KB", "MB", "GB", "TB"]

const [whole, tenths] = [0, 1].map((digits) =>
  perLocale((locale) =>
    new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false })
  )
)

export const sizeOf = (bytes: number): string => {
  const power = bytes < 1_024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(bytes) / Math.log(1_024)))
  const amount = bytes / 1_024 ** power
  return power === 0
    ? words.files.bytes(bytes)
    : `${(amount < 10 ? tenths! : whole!)().format(amount)} ${units[power]}`
}

/** Characters that turn the direction of what follows, or are not to be seen, have no place in a name. */
const unseen = /[\p{Cc}\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/gu

/** Its name as people see it; what it is called on their disk is said by the server. */
export const shownName = (name: string): string => name.replaceAll(unseen, "\uFFFD").trim() || words.files.unnamed

/** What a server takes for no part of a name: nobody can see it there, so nobody would know what to change. */
const foreign = /[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069/\\]/gu

/** The name under which a file of this disk goes up. */
export const nameToSend = (name: string): string => {
  const plain = name.toWellFormed().replaceAll(foreign, "").trim()
  return plain === "" || /^\.+$/.test(plain) ? "file" : Array.from(plain).slice(-120).join("")
}

/** The end of a name says what it is: that much of it is always to be seen. */
export const nameParts = (name: string): readonly [start: string, end: string] => {
  const shown = Array.from(shownName(name))
  const keep = Math.min(10, Math.floor(shown.length / 2))
  return shown.length <= 24
    ? [shown.join(""), ""]
    : [shown.slice(0, shown.length - keep).join(""), shown.slice(shown.length - keep).join("")]
}

/** Of what kind they are, in a few words; of one file its name. */
export const describeFiles = (attachments: Attachments): string => {
  const kinds = new Set(attachments.map(kindOf))
  const [kind = "file"] = kinds.size === 1 ? kinds : ["file" as const]
  if (attachments.length > 1) return words.files.several[kind](attachments.length)
  return kind === "file" ? shownName(attachments[0]?.name ?? "") : words.files.one[kind]
}

/** What was said, with a word for what came with it. */
export const withFiles = (text: string, attachments: Attachments | undefined): string =>
  attachments === undefined || attachments.length === 0
    ? text
    : text.trim() === ""
    ? describeFiles(attachments)
    : words.files.withText(describeFiles(attachments), text)

const families: ReadonlyArray<readonly [RegExp, string]> = [
  [/\.(zip|gz|tgz|7z|rar|xz|zst|tar|bz2)$/i, "archive"],
  [/\.(pdf|docx?|odt|rtf|txt|md|tex|pages|epub)$/i, "document"],
  [/\.(xlsx?|ods|csv|tsv|numbers)$/i, "sheet"],
  [/\.(png|jpe?g|gif|webp|avif|svg|heic|tiff?|bmp)$/i, "image"],
  [/\.(mp3|m4a|ogg|opus|wav|flac)$/i, "sound"],
  [/\.(mp4|webm|mov|mkv|avi)$/i, "film"],
  [/\.(js|ts|py|rs|go|c|h|cpp|java|sh|json|xml|html?|css|ya?ml|toml)$/i, "code"]
] as const

export type Family = "archive" | "document" | "sheet" | "image" | "sound" | "film" | "code" | "file"

/** Which icon stands for it: by the end of its name, which is what people go by. */
export const familyOf = (name: string): Family =>
  (families.find(([pattern]) => pattern.test(name))?.[1] ?? "file") as Family
