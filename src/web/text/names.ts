/** Names of users, as the protocol has them. */
const pattern = /^[A-Za-z0-9+][A-Za-z0-9+._@-]{0,63}$/

export const isName = (text: string): boolean => pattern.test(text)

export const nameRule = "A name has 1 to 64 letters, digits or + . _ @ - and begins with a letter, a digit or +."

/** One of eight colours, always the same for a name. */
export const hueOf = (name: string): number => {
  let hash = 7
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 9_973
  return hash % 8
}
