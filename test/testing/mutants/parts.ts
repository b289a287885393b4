/** Invitations, reports, search, and whoever follows the log. */
import { Context, Effect } from "effect"
import { Invites } from "../../../src/services/storage/Invites.ts"
import { MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { Reports, type StoredReport } from "../../../src/services/storage/Reports.ts"
import { type Found, Search, type SearchOptions } from "../../../src/services/storage/Search.ts"
import { newestFirst } from "../../../src/services/storage/searchRules.ts"
import { Subscriptions } from "../../../src/services/storage/Subscriptions.ts"
import { breaking, type Mutant, type Mutants } from "./Mutant.ts"
import { does, lets, some, store } from "./store/breaking.ts"

const invites = breaking(Invites)
const reports = breaking(Reports)
const search = breaking(Search)
const subscriptions = breaking(Subscriptions)

export const inviteMutants: Mutants = {
  "an invitation lets in whoever shows it, so often and so long as it says": lets("not_found", does("joined")),
  "P8 one that is revoked lets nobody in, and nobody comes in who is banned": invites.ignores("revoke", undefined),
  "an invitation for one lets one in, however many come at once": invites.asks("create", (invite) => [
    invite.usesLeft === 1 ? { ...invite, usesLeft: 2 } : invite
  ]),
  "a revocation and somebody who comes in at once agree on the end": invites.since(
    "revoke",
    lets("not_found", does("joined"))
  ),
  "a group has so many that are good, and forgets old ones": invites.answers("create", () => true)
}

export const reportMutants: Mutants = {
  "a message is reported once by each, and listed with what it said, the newest first": reports.answers(
    "put",
    () => "kept"
  ),
  "an export has the reports that somebody made, and neither what they said nor those about them": store.answers(
    "exportUser",
    (stored) =>
      stored.reports === undefined
        ? stored
        : { ...stored, reports: stored.reports.map((report) => ({ ...report, text: "secret" })) }
  ),
  "one that is closed is not open any more": reports.asks("list", ({ open: _, ...options }) => [options]),
  "a report outlives a delete, and neither an erasure of either nor the end of the message": (services) => {
    let most: ReadonlyArray<StoredReport> = []
    return reports.answers("list", (all) => most = all.length > most.length ? all : most)(services)
  }
}

const asked = (change: (options: SearchOptions) => SearchOptions): Mutant =>
  search.asks("find", (options) => [change(options)])

const terms = (change: (terms: SearchOptions["query"]["terms"]) => SearchOptions["query"]["terms"]): Mutant =>
  asked((options) => ({ ...options, query: { terms: change(options.query.terms) } }))

const finds = (change: (found: ReadonlyArray<Found>) => ReadonlyArray<Found>): Mutant =>
  search.answers("find", (page) => ({ ...page, found: change(page.found) }))

const ofAll = asked(({ user: _, ...options }) => options)

const placeOf = ({ conversation, entry: { at, seq } }: Found) => ({ at, conversation, seq })

export const searchMutants: Mutants = {
  "a text is found by each of its words, by their beginning, without case and accents": terms((all) =>
    all.map((term) => ({ ...term, exact: true }))
  ),
  "words in quotes are found whole and one after the other": terms((all) =>
    all.map((term) => ({ ...term, exact: false }))
  ),
  "scripts without spaces are found by two characters and more": finds((all) =>
    all.filter(({ entry }) => !/\p{Script=Han}/u.test(entry.text ?? ""))
  ),
  "the newest come first, also across conversations and at the same time, and no page repeats": asked((options) =>
    options.after === undefined ? options : { ...options, after: { ...options.after, seq: options.after.seq + 1 } }
  ),
  "a sender, a time, a conversation and what comes with a text narrow it down, also without words": asked(
    ({ sender: _, ...options }) => options
  ),
  "whatever is asked is answered, and finds nothing that has not all of its words": terms((all) => all.slice(-1)),
  "only members find, in all of their conversations or in one": ofAll,
  "without a user everything is searched": asked((options) => ({ user: "nobody" as never, ...options })),
  // Whoever is in finds what was said before, too.
  "members find from where they joined, those who left nothing, and those who came again from there": search.changed(
    ({ find }, services) => {
      const { membership } = Context.get(services, MessageStore)
      return {
        find: Effect.fnUntraced(function*({ user, ...options }) {
          const page = yield* find(options)
          if (user === undefined) return page
          const isIn = ({ conversation }: Found) =>
            Effect.map(membership(conversation, user), (found) => found !== undefined)
          return { ...page, found: yield* Effect.filter(page.found, isIn) }
        })
      }
    }
  ),
  "an edited text is found by its new words only, where it stands": store.since(
    "commit",
    terms(() => []),
    some(({ kind }) => kind === "edit")
  ),
  "edits, reactions and changes of a group are nothing that is found": store.since(
    "commit",
    terms(() => []),
    some(({ kind }) => kind === "reaction")
  ),
  // What was found once is found again.
  "a deleted text is not found": (services) => {
    const known = new Map<string, Found>()
    return finds((all) => {
      for (const found of all) known.set(`${found.conversation} ${found.entry.seq}`, found)
      return Array.from(known.values()).sort((a, b) => newestFirst(placeOf(a), placeOf(b)))
    })(services)
  },
  "an erased user's texts are not found, and whoever has the name next finds nothing older": store.since(
    "eraseUser",
    ofAll
  ),
  "what was trimmed is not found, and what was kept is": store.since("trim", finds(() => []))
}

export const subscriptionMutants: Mutants = {
  "one that begins now has taken what is there, and nothing of conversations that begin later": subscriptions.asks(
    "open",
    (name) => [name, "beginning"]
  ),
  "one that begins at the beginning is behind by everything, page by page, each conversation once": subscriptions
    .answers("behind", ({ next: _, ...page }) => page),
  "positions move forward, and only for whoever has the subscription": subscriptions.answers("move", () => true),
  "who is none has no lease, no position and nothing to move": subscriptions.answers("stopped", (why) => why ?? ""),
  "what was trimmed is skipped, and positions stay": store.since("trim", subscriptions.answers("position", () => 0)),
  "who is stopped is so until it is lifted": subscriptions.ignores("stop", undefined, (_, why) => why === undefined),
  "unconfirmed is who may see a text and has confirmed it on no device": subscriptions.answers(
    "unconfirmed",
    (users, { sender }) => [...users, sender]
  ),
  "they are listed by name, conversation, place and user, page by page": subscriptions.answers(
    "events",
    (all) => all.toReversed()
  ),
  "one is replaced, removed, and due when its time has come": subscriptions.ignores("removeEvent", undefined),
  "one that failed is due only when somebody has asked for it": subscriptions.answers("retryEvent", () => true),
  "those for an erased user go with them": store.ignores("eraseUser", 0)
}
