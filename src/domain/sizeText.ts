/** How large a file is, for people. */

const units = [[1_000_000_000, "GB"], [1_000_000, "MB"], [1_000, "kB"]] as const

/** As `2.3 MB`; rounded as it would be read, so that nothing has `1000 kB`. */
export const sizeText = (bytes: number): string => {
  const unit = units.find(([size]) => bytes >= size * 0.999_95)
  if (unit === undefined) return bytes === 1 ? "1 byte" : `${bytes} bytes`
  const [size, name] = unit
  return `${Number((bytes / size).toFixed(1))} ${name}`
}
