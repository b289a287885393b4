/** Names of users, as the protocol has them. */
import { isUserId } from "../../domain/userIds.ts"

export const isName = isUserId

/** One of eight colours, always the same for a name. */
export const hueOf = (name: string): number => {
  let hash = 7
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 9_973
  return hash % 8
}
