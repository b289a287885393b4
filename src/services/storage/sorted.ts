/** Lists in rising order. */

/** Where what comes after `id` begins. */
export const placeAfter = (sorted: ReadonlyArray<string>, id: string): number => {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! <= id) low = middle + 1
    else high = middle
  }
  return low
}
