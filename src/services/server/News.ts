/** The way that news takes from a commit to the fan-out: none at all, within one process. */
import { Context } from "effect"
import type { News } from "../cluster/News.ts"

export const NewsLine = Context.Reference<(news: News) => News>("switchboard/services/server/NewsLine", {
  defaultValue: () => (news) => news
})
