/** Asks until it is so, by the clock of this machine, for a browser has no other: `waitForFunction` takes a promise for a yes. */
const patience = 15_000
const lookMillis = 20

export const comesTrue = async (holds: () => Promise<boolean>): Promise<void> => {
  for (const until = Date.now() + patience; !await holds();) {
    if (Date.now() > until) throw new Error(`Not so within ${patience} ms: ${holds}`)
    await new Promise((resolve) => setTimeout(resolve, lookMillis))
  }
}
