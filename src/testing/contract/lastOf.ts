/** Pages of a list, asked for until there are no more. A list that does not come to its end is a fault, not a test that hangs. */
import assert from "node:assert/strict"

/** More pages than any list of a case has. */
const most = 10_000

/** Where the next page begins: the last of this one, which has some if it says that there are more. */
export const lastOf = <A>(items: ReadonlyArray<A>, pages: number): A => {
  const last = items.at(-1)
  assert.ok(last !== undefined, "a page that says that there are more has some")
  assert.ok(pages < most, "a list comes to its end")
  return last
}
