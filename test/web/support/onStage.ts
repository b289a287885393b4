/** Tests that share a server and a browser. */
import { afterAll, afterEach, beforeAll, describe } from "vitest"
import { hasBrowser } from "./browser.ts"
import { type Stage, stage } from "./stage.ts"

/** `on` is there once the tests run. */
export const onStage = (name: string, tests: (on: Stage) => void, ...flags: ReadonlyArray<string>) =>
  describe.skipIf(!hasBrowser)(name, () => {
    const on = {} as Stage
    beforeAll(async () => {
      Object.assign(on, await stage(...flags))
    })
    afterEach(() => on.clear())
    afterAll(() => on.close())
    tests(on)
  })
