/** Looks for what was said, and goes on from there. */
import { Effect } from "effect"
import type { SearchOptions } from "../../client/Commands.ts"
import type { SearchResult } from "../../domain/ServerFrame.ts"
import { hitLine } from "./hits.ts"
import type { Session } from "./Session.ts"

const pageLength = 10

/** Answers without a hit that are asked for in a row; whoever wants to know more says so. */
const maxEmpty = 10

const look = Effect.fnUntraced(function*(session: Session, options: SearchOptions, from: string | undefined) {
  const { client, names, screen } = session
  const ask = (cursor: string | undefined) =>
    client.search({ ...options, limit: pageLength, ...(cursor === undefined ? undefined : { cursor }) })
  let found: SearchResult = yield* ask(from)
  for (let i = 0; i < maxEmpty && found.hits.length === 0 && found.cursor !== undefined; i++) {
    found = yield* ask(found.cursor)
  }
  const { cursor, hits } = found
  session.unfinished = cursor === undefined ? undefined : { options, cursor }
  const labelOf = (conversation: string) => options.target === undefined ? names.labelOf(conversation) : undefined
  yield* screen.say(found, () => [
    ...hits.map((hit) => hitLine(hit, screen.style, labelOf(hit.conversation))),
    ...(hits.length > 0 ? [] : [cursor === undefined ? "* Nothing was found." : "* Nothing was found yet."]),
    ...(cursor === undefined ? [] : ["* /more looks further back."])
  ])
})

/** In the conversation that is open, or everywhere. */
export const search = (session: Session, words: string, everywhere: boolean) => {
  const open = everywhere ? undefined : session.current
  return look(session, { query: words, ...(open === undefined ? undefined : { target: open.target }) }, undefined)
}

export const more = (session: Session) =>
  session.unfinished === undefined
    ? session.screen.notice("! There is no more; look for something with /search WORDS.")
    : look(session, session.unfinished.options, session.unfinished.cursor)
