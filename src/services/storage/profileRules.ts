/** What becomes of a profile when it is set, and by which words it is found, said once for all stores. */
import type { ChatError } from "../../domain/Errors.ts"
import type { FileId, UserId } from "../../domain/Ids.ts"
import { nameKey } from "../../domain/Profile.ts"
import { fold } from "../../domain/search/words.ts"
import type { FileRecord } from "./FileRecords.ts"
import { isShownPicture, pictureRefusal } from "./pictures.ts"
import type { ProfileSource, StoredProfile } from "./UserData.ts"

/** What is left out stays; an empty string takes it away. */
export interface ProfilePatch {
  readonly user: UserId
  readonly name?: string
  /** Of a `user`, a file of their own that can be shown. */
  readonly avatar?: string
  readonly status?: string
  /** `claims` change only what came from claims. */
  readonly source: ProfileSource
  /** Milliseconds since the epoch. A profile never becomes older, so one that changed later has a later time. */
  readonly at: number
}

export type ProfileChange =
  /** As it is now; `changed` is false where it was so before. */
  | { readonly _tag: "Set"; readonly profile: StoredProfile; readonly changed: boolean }
  | { readonly _tag: "Rejected"; readonly error: ChatError }

type File = Pick<FileRecord, "file" | "owner" | "name" | "state" | "type">

const fields = ["name", "avatar", "status"] as const

/** `file` knows what the patch's avatar names, and what the profile's does. */
export const patchProfile = (
  before: StoredProfile | undefined,
  patch: ProfilePatch,
  file: (name: string) => File | undefined
): ProfileChange => {
  const { at, source, user } = patch
  const kept = before ?? { user, updatedAt: 0 }
  if (source === "claims" && before !== undefined && before.source !== "claims") {
    return { _tag: "Set", profile: before, changed: false }
  }
  const isOther = patch.avatar !== undefined && patch.avatar !== "" && patch.avatar !== kept.avatar
  if (isOther && source === "user") {
    const error = pictureRefusal(file(patch.avatar), user)
    if (error !== undefined) return { _tag: "Rejected", error }
  }
  const next: { -readonly [Field in (typeof fields)[number]]?: string } = {}
  let changed = false
  for (const field of fields) {
    const value = patch[field] ?? kept[field] ?? ""
    if (value !== "") next[field] = value
    if (value !== (kept[field] ?? "")) changed = true
  }
  if (!changed && before !== undefined) return { _tag: "Set", profile: before, changed }
  const profile = { user, ...next, source, updatedAt: Math.max(at, kept.updatedAt + 1) }
  return { _tag: "Set", profile: withPicture(profile, file), changed: true }
}

/** With the name of its picture, where that is a file which can be shown. */
export const withPicture = (profile: StoredProfile, file: (name: string) => File | undefined): StoredProfile => {
  const { picture: _, ...rest } = profile
  const found = rest.avatar === undefined ? undefined : file(rest.avatar)
  return found !== undefined && isShownPicture(found)
    ? { ...rest, picture: { file: found.file, name: found.name } }
    : rest
}

/** What a profile shows, if it is a file that is there. */
export const fileIn = ({ picture }: Pick<StoredProfile, "picture">): FileId | undefined => picture?.file

/** Of a word, as many characters are compared. */
const mostCompared = 128

const cut = (word: string): string =>
  word.length <= mostCompared ? word : Array.from(word).slice(0, mostCompared).join("")

/** A beginning of words, as it is looked for: without case, accents and needless space. `""` is the beginning of nothing. */
export const foldedPrefix = (prefix: string): string => cut(fold(nameKey(prefix)))

const wordStart = /(?<![\p{L}\p{N}\p{M}])[\p{L}\p{N}]/gu

/** What a user is found by the beginning of: the name from each of its words on, and the id. In no order, each once. */
export const wordsOf = ({ name, user }: Pick<StoredProfile, "name" | "user">): ReadonlyArray<string> => {
  const words = new Set([cut(fold(nameKey(user)))])
  if (name !== undefined) {
    const folded = fold(nameKey(name))
    words.add(cut(folded))
    for (const { index } of folded.matchAll(wordStart)) words.add(cut(folded.slice(index)))
  }
  words.delete("")
  return Array.from(words)
}
