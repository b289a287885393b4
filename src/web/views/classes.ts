/** The names of those that are so. */
export const classes = (names: Readonly<Record<string, boolean>>): string =>
  Object.keys(names).filter((name) => names[name]).join(" ")
