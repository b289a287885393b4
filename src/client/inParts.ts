/** Long lists of people, in parts that are frames of a size that servers take. */

/** Half of what a server takes by default, for the rest of the frame and for servers that take less. */
const partBytes = 32_768

const encoder = new TextEncoder()

/** The parts in order; of nobody one that is empty. */
export const inParts = (
  users: ReadonlyArray<string>
): readonly [ReadonlyArray<string>, ...Array<ReadonlyArray<string>>] => {
  const first: Array<string> = []
  const rest: Array<Array<string>> = []
  let part = first
  let bytes = 0
  for (const user of users) {
    const more = encoder.encode(JSON.stringify(user)).length + 1
    if (part.length > 0 && bytes + more > partBytes) {
      rest.push(part = [])
      bytes = 0
    }
    part.push(user)
    bytes += more
  }
  return [first, ...rest]
}
