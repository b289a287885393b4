/** A fault that somebody might make, as one change of one file of the source. It is made while that is read in. */
export interface PlantedFault {
  readonly name: string
  /** What it breaks; the law that finds it may be that of a neighbour. */
  readonly promise: `P${number}`
  /** What is wrong with it, in one sentence. */
  readonly what: string
  /** From the root of the repository. */
  readonly file: string
  /** Occurs there exactly once. */
  readonly from: string
  readonly to: string
}

/** The source with the fault; throws where the source is not the one that it was made for. */
export const planted = ({ file, from, name, to }: PlantedFault, source: string): string => {
  const parts = source.split(from)
  if (parts.length !== 2) {
    throw new Error(
      `"${name}" is made for a line that is ${parts.length - 1} times in ${file}; it has to be there once.`
    )
  }
  return parts.join(to)
}
