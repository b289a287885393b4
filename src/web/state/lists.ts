/** Lists of things that have an id. */
export const without = <A extends { readonly id: unknown }>(all: ReadonlyArray<A>, id: A["id"]): ReadonlyArray<A> =>
  all.filter((each) => each.id !== id)

/** With this one at the end, and only there. */
export const withOne = <A extends { readonly id: unknown }>(all: ReadonlyArray<A>, one: A): ReadonlyArray<A> => [
  ...without(all, one.id),
  one
]
