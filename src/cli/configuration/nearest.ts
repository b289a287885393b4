/** Which of the known names somebody meant. */

/** `maxFrameBytes`, `max_frame_bytes` and `--max-frame-bytes` are the same to whoever wrote them. */
const bare = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "")

/** Letters put in, left out or changed, from one to the other. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length]!
}

/** No name of ours is longer, nor anywhere near. */
const longest = 100

export const nearest = (name: string, known: ReadonlyArray<string>): string | undefined => {
  const wanted = bare(name)
  if (wanted === "" || wanted.length > longest) return undefined
  let best: string | undefined
  let least = Math.max(2, Math.floor(wanted.length / 4)) + 1
  for (const each of known) {
    const far = distance(wanted, bare(each))
    // A name of two letters is not another name of two letters with both of them wrong.
    if (far < least && far < wanted.length) {
      best = each
      least = far
    }
  }
  return best
}

/** As the end of a sentence that says that there is no such name. */
export const orNearest = (name: string, known: ReadonlyArray<string>): string => {
  const meant = nearest(name, known)
  return meant === undefined ? "" : `; did you mean "${meant}"?`
}
