/** Ids are names that others chose, and `constructor` is one like any other. */
export const lookUp = <A>(record: Readonly<Record<string | number, A>>, key: string | number): A | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined
