/** `--import` it before `switchboard serve`: the same server, and no commit tells a search index anything. */
import { registerHooks } from "node:module"

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "./SearchIndex.ts" && context.parentURL?.includes("/src/services/storage/") === true
      ? next(new URL("no-search.ts", import.meta.url).href, context)
      : next(specifier, context)
})
