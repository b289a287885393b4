/** What may be the name of a user: whatever identity providers call people. The one place that says so. */

/** Of an id of a user. */
export const maxUserId = 128

const first = "[A-Za-z0-9+_-]"
/** What a path of an address may hold, and `|`. */
const rest = "[A-Za-z0-9._~!$&'()*+,;=:@/|%-]"

/** Without anchors. */
export const userIdSource = `${first}${rest}{0,${maxUserId - 1}}`

export const userIdPattern = new RegExp(`^${userIdSource}$`, "u")

/** Completes "Give it …". */
export const userIdRule = `1 to ${maxUserId} letters, digits or . _ ~ ! $ & ' ( ) * + , ; = : @ / | % -, ` +
  "the first of them a letter, a digit or + _ -"

export const isUserId = (text: string): boolean => userIdPattern.test(text)

const apart = /[%:]/
const everyApart = /[%:]/g

/** An id as a part of a name whose parts have `:` between them. Most ids are that already. */
export const toPart = (user: string): string =>
  apart.test(user) ? user.replace(everyApart, (c) => c === ":" ? "%3A" : "%25") : user

/** The inverse of `toPart`, and `undefined` for what it never makes. */
export const fromPart = (part: string): string | undefined => {
  if (!apart.test(part)) return part
  const user = part.replace(/%3A/g, ":").replace(/%25/g, "%")
  return toPart(user) === part ? user : undefined
}
