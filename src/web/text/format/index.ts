/** The reader of marks is not small: it is loaded while somebody signs in, and until it is there text is as it was typed. */
import { type Block, textOf, unformatted } from "./blocks.ts"

export type { Block, Inline } from "./blocks.ts"

let format: ((text: string) => ReadonlyArray<Block>) | undefined

/** Waits for it no longer than this: text can be read without it. */
const patienceMillis = 3_000

export const loadFormat = (): Promise<unknown> =>
  Promise.race([
    import("./format.ts").then((module) => {
      format = module.format
    }, () => {}),
    new Promise((resolve) => setTimeout(resolve, patienceMillis))
  ])

/** What was read lately; a log is drawn more often than it changes. */
const read = new Map<string, ReadonlyArray<Block>>()
const mostRead = 800

export const formatted = (text: string): ReadonlyArray<Block> => {
  if (format === undefined) return unformatted(text)
  const known = read.get(text)
  if (known !== undefined) return known
  const blocks = format(text)
  if (read.size >= mostRead) read.delete(read.keys().next().value!)
  read.set(text, blocks)
  return blocks
}

/** The words without the marks. */
export const plain = (text: string): string => textOf(formatted(text))
