/** What a file may be called, and what it may say that it is. Pure. */
import { isBlank } from "../../domain/Text.ts"

/** Longest name, in characters. */
export const maxNameLength = 255

/** What is no character of a name: controls, line ends, what turns the direction of text, and what leads elsewhere. */
const foreign = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069/\\]/u

/** The name as it is kept (NFC: the same name is the same characters), or `undefined` for what is no plain name. */
export const plainName = (given: string): string | undefined => {
  // Composing is not free, and no name that long can become one.
  if (given.length > 4 * maxNameLength || !given.isWellFormed()) return undefined
  const name = given.normalize("NFC")
  const isPlain = name.length <= maxNameLength && !isBlank(name) && !foreign.test(name) && !/^\.{1,2}$/.test(name)
  return isPlain ? name : undefined
}

export const unknownType = "application/octet-stream"

const part = "[a-z0-9][a-z0-9!#$&^_.+-]{0,62}"
const typed = new RegExp(`^${part}/${part}$`)

/** `type/subtype` in lower case, without parameters; of nothing what nobody can be wrong about, `undefined` for the rest. */
export const plainType = (given: string | undefined): string | undefined => {
  const type = given?.split(";", 1)[0]?.trim().toLowerCase() ?? ""
  return type === "" ? unknownType : typed.test(type) ? type : undefined
}
