/** `--import` it before `switchboard serve`: the same server on Postgres, which neither tells others nor hears of them. */
import { registerHooks } from "node:module"

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "./cluster.ts" && context.parentURL?.endsWith("/src/cli/serve.ts") === true
      ? next(new URL("no-cluster.ts", import.meta.url).href, context)
      : next(specifier, context)
})
