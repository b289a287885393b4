/** P3: a sender's `id` names one message, and a retry has the answer of the first. */
import type { Facts } from "../Facts.ts"
import type { Violated } from "../violation.ts"

export const once = ({ devices, kept }: Facts, violated: Violated): void => {
  const places = new Map<string, string>()
  for (const [place, { clientId, sender }] of kept) {
    if (clientId === undefined) continue
    const key = `${sender} ${clientId}`
    const before = places.get(key)
    if (before !== undefined) violated("one entry for one id", `${key} is ${before} and ${place}`)
    places.set(key, place)
  }
  for (const { accepted, label, user } of devices) {
    for (const { conversation, id, seq } of accepted) {
      const place = places.get(`${user} ${id}`)
      if (place !== undefined && place !== `${conversation} ${seq}`) {
        violated(
          "a retry has the answer of the first",
          `${label}: ${id} is ${place}, and it was told ${conversation} ${seq}`
        )
      }
    }
  }
}
