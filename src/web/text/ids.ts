/** Ids of people, where there is little room for them. */

/** Longer ones are cut in their middle. */
const longest = 36

const cut = (id: string, start: number, end: number): string =>
  id.length <= start + end + 1 ? id : `${id.slice(0, start)}…${id.slice(-end)}`

/** Whole, up to the length of a UUID. */
export const shortId = (id: string): string => id.length <= longest ? id : cut(id, 20, 12)

/** Beside a name that two people have. */
export const tagOf = (id: string): string => cut(id, 8, 4)
