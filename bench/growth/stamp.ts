/** The time in a text, so that whoever gets it knows how long it took. */

/** Milliseconds, behind a mark that `said` finds. */
export const stamp = (): string => `@@${performance.now().toFixed(6).padStart(16, "0").slice(0, 16)}`

/** When a text with a stamp was said. */
export const said = (payload: Buffer): number | undefined => {
  const at = payload.indexOf("@@")
  return at < 0 ? undefined : Number(payload.toString("latin1", at + 2, at + 18))
}
