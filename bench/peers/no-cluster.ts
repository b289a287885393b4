/** In the place of `src/cli/cluster.ts`: flags as ever, and no layer of the cluster. */
import { Layer } from "effect"

export { aloneOf, clusterFlags } from "../../src/cli/cluster.ts"

export const clusterOf = (_: unknown): Layer.Layer<never> => Layer.empty
