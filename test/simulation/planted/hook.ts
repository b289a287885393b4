/** Plants a fault in whatever reads in its file after this. For a process of its own: it cannot be taken out again. */
import { registerHooks } from "node:module"
import { faultNamed } from "./index.ts"
import { planted } from "./PlantedFault.ts"

const root = new URL("../../../", import.meta.url)

export const plant = (name: string): void => {
  const fault = faultNamed(name)
  const url = new URL(fault.file, root).href
  registerHooks({
    load: (asked, context, nextLoad) => {
      const loaded = nextLoad(asked, context)
      if (asked !== url) return loaded
      return { ...loaded, source: planted(fault, String(loaded.source)) }
    }
  })
}
