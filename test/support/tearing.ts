/**
 * What a disk may have after a power cut of a file that was written to and not flushed. What it had before stays, but where it
 * was written over; of that each sector is the old one, the new one, half of each, nothing or rubbish, in any order.
 */
import type { random } from "../fuzz/mutate.ts"

type Random = ReturnType<typeof random>

const sectorBytes = 512

const firstChange = (before: Buffer, after: Buffer): number => {
  const both = Math.min(before.length, after.length)
  let at = 0
  while (at < both && before[at] === after[at]) at++
  return at
}

const rubbish = (bytes: Buffer, pick: Random): void => bytes.forEach((_, at) => void (bytes[at] = pick(256)))

type Fate = "old" | "new" | "half" | "nothing" | "rubbish"

/** What becomes of a sector, and whether those before it have reached the disk when the power fails. */
type Manner = (isReached: boolean, pick: Random) => Fate

const manners: ReadonlyArray<Manner> = [
  (isReached) => isReached ? "new" : "old",
  (isReached) => isReached ? "new" : "nothing",
  (isReached) => isReached ? "new" : "rubbish",
  (_, pick) => pick(2) === 0 ? "new" : "old",
  (_, pick) => (["old", "new", "half", "nothing", "rubbish"] as const)[pick(5)]!
]

const tear = (fate: Fate, sector: Buffer, written: Buffer, pick: Random): void => {
  switch (fate) {
    case "old":
      return
    case "new":
      return void written.copy(sector)
    case "half":
      return void written.copy(sector, 0, 0, pick(written.length))
    case "nothing":
      return void sector.fill(0)
    case "rubbish":
      return rubbish(sector, pick)
  }
}

/** One of the many that may be there. Where nothing was changed, nothing is. */
export const torn = (before: Buffer, after: Buffer, pick: Random): Buffer => {
  const from = firstChange(before, after)
  const result = Buffer.alloc(Math.max(before.length, after.length))
  before.copy(result)
  const manner = manners[pick(manners.length)]!
  const reached = from + pick(after.length - from + 1)
  for (let at = from; at < after.length;) {
    const end = Math.min(after.length, at - at % sectorBytes + sectorBytes)
    const [sector, written] = [result.subarray(at, end), after.subarray(at, end)]
    const fate = manner(end <= reached, pick)
    if (!sector.equals(written) || at >= before.length) {
      // The sector in which it stops.
      tear(fate !== "new" && at < reached && reached < end ? "half" : fate, sector, written, pick)
    }
    at = end
  }
  // How long it is, is written apart from what is in it.
  return pick(2) === 0 || after.length <= before.length
    ? result
    : result.subarray(0, before.length + pick(after.length - before.length + 1))
}
