/** Colours for code. What reads it is loaded when the first code with a language comes into view. */

/** A piece of code, and what it is; plain pieces are nothing in particular. */
export interface Piece {
  readonly text: string
  readonly kind?: string
}

/** Of more nobody wants to wait for the colours. */
export const mostHighlighted = 20_000

export const highlight = async (code: string, language: string): Promise<ReadonlyArray<Piece> | undefined> => {
  if (code.length > mostHighlighted) return undefined
  const { piecesOf } = await import("./highlight.ts")
  return piecesOf(code, language)
}
