/** Cursors, lists, blocks, what users may know of each other, and users who are forgotten. */
import { Effect } from "effect"
import type { Entry } from "../../../../src/domain/Entry.ts"
import type { ConversationId, UserId } from "../../../../src/domain/Ids.ts"
import { phone } from "../../../../src/testing/contract/commands.ts"
import type { Mutants } from "../Mutant.ts"
import { entries, isIn, items, keepsIds, lets, letsMove, showsPositions, store } from "./breaking.ts"

const isGroup = (conversation: ConversationId): boolean => isIn("group")({ conversation })

export const cursors: Mutants = {
  "P4 cursors move only forward, per device; reading implies delivery": store.asks(
    "commit",
    (appends, moves, stamp) => [
      appends,
      moves.map((move) => move.kind === "received" ? { ...move, device: phone } : move),
      stamp
    ]
  ),
  "P9 a cursor beyond the head or of a stranger is refused and moves nothing": letsMove("invalid_frame"),
  "P4 behind lists what a device has not confirmed, in pages": store.answers(
    "behind",
    (page) => page.next === undefined ? page : { ...page, items: page.items.slice(1) }
  ),
  "P4 P5 whoever has much is looked at in steps, and nothing is missed or told twice": (services) => {
    let pages = 0
    return store.answers("behind", ({ next, ...page }, { after }) => {
      pages = after === undefined ? 1 : pages + 1
      // It gives up.
      return next === undefined || pages > 4 ? page : { ...page, next }
    })(services)
  },
  "P4 of a hundred and more devices those that were used last are known; the others begin as new ones": store.changed(
    (own) => {
      const known = new Set<string>()
      return {
        commit: (appends, moves, stamp) => {
          for (const move of moves) if (move.kind === "received") known.add(move.device)
          return own.commit(appends, moves, stamp)
        },
        behind: (options) => known.has(options.device) ? Effect.succeed({ items: [] }) : own.behind(options)
      }
    }
  )
}

export const lists: Mutants = {
  "conversations come with heads, cursors, unread counts and the peer's receipts": items((item) => ({
    ...item,
    peer_delivered: item.head_seq
  })),
  "a conversation with oneself has one member": store.answers("conversations", (page, { user }) => ({
    ...page,
    items: page.items.flatMap((item) => item.peer === user ? [item, item] : [item])
  })),
  "unread is counted alike, however much there is": items((item) => ({ ...item, unread: Math.min(item.unread, 100) })),
  "what was said during a block counts as unread for nobody, also when it is over": store.since(
    "setBlock",
    items((item) => ({ ...item, unread: item.unread + 1 }))
  ),
  "conversations come with the last spoken in first, at any page size": store.answers("recent", (page) => ({
    ...page,
    items: page.items.toSorted((a, b) => a.conversation < b.conversation ? -1 : 1)
  })),
  // The next page begins after as many as were told, wherever they are now.
  "nothing that stays is missed or told twice while others move up between two pages": store.changed(({ recent }) => {
    let told = 0
    return {
      recent: Effect.fnUntraced(function*({ before, limit, ...options }) {
        if (before === undefined) told = 0
        const { hasMore, items } = yield* recent({ ...options, limit: told + limit })
        const page = items.slice(told)
        told = items.length
        return { items: page, hasMore }
      })
    }
  }),
  "the last words are the last text or change of a group, as history shows it": items((item) => {
    if (item.last_message?.kind !== "text") return item
    const { edited_at: _, ...last } = item.last_message
    return { ...item, last_message: last }
  }, "recent"),
  "what was said before somebody came, or is gone, is nobody's last word": items(
    (item) =>
      item.last_message?.kind !== "text"
        ? item
        : { ...item, last_message: { text: "as it was", ...item.last_message, deleted: false } as never },
    "recent"
  )
}

export const relations: Mutants = {
  "blocks are spans of time, sorted": store.answers("blocks", (spans) => spans.toReversed()),
  "of a name 16 spans are kept: those with the shortest pause between them become one": store.answers(
    "setBlock",
    (spans) => spans.length === 16 ? spans.slice(1) : spans
  ),
  "a block that no time has passed in is none, and one that begins before the last ended goes on": store.asks(
    "setBlock",
    (user, blocked, on, at) => [user, blocked, on, on ? at : at + 1]
  ),
  "an end that was asked before a block, and is done after it, ends nothing": store.asks(
    "setBlock",
    (user, blocked, on, at) => [user, blocked, on, on ? at : at + 1_001]
  ),
  "of many who block and unblock at once, one comes last": store.answers(
    "blocks",
    (spans) => spans.length > 3 ? [...spans, spans.at(-1)!] : spans
  ),
  "the latest time is that of an entry or of a block, whichever is later than now": store.answers(
    "latest",
    (_, now) => now
  ),
  "whoever is blocked sees the other's positions as they were when it began": showsPositions(
    (conversation, _, blocked) => !isGroup(conversation) && blocked.length === 0
  ),
  "across a block neither sees how far the other came since, whoever blocks": showsPositions(
    (conversation, _, blocked) => !isGroup(conversation) && blocked.length > 0
  ),
  "in a group, positions are of its present members, and not across a block": showsPositions(isGroup),
  "related are those who share a conversation and do not block each other": store.since(
    "setBlock",
    store.answers("visibleTo", (_, __, others) => others)
  ),
  "who shares one of very many groups is visibleTo, from either side": store.asks(
    "visibleTo",
    (user, others) => [user, others.slice(0, 100)]
  ),
  "when somebody was here last is kept until it is later": store.changed(() => {
    const seen = new Map<UserId, number>()
    return {
      putLastSeen: (all) => Effect.sync(() => all.forEach(({ at, user }) => seen.set(user, at))),
      lastSeen: (users) =>
        Effect.sync(() => users.flatMap((user) => seen.has(user) ? [{ user, at: seen.get(user)! }] : []))
    }
  }),
  "bans are kept, replaced and lifted": store.answers("removeBan", () => true)
}

const sinceErasure = (mutant: Mutants[string]) => store.since("eraseUser", mutant)

const roles = (change: (all: ReadonlyArray<string>) => ReadonlyArray<string>) =>
  store.answers("group", (group) => {
    if (group === undefined) return undefined
    const changed = change(group.members.map(({ role }) => role))
    return { ...group, members: group.members.map((member, i) => ({ ...member, role: changed[i] as "owner" })) }
  })

const shown = (change: (entry: Entry) => Entry) => sinceErasure(entries(change))

export const erasures: Mutants = {
  "P4 P8 after an erasure the name begins anew: new messages arrive, old ones stay unseen": sinceErasure(
    store.answers(
      "membership",
      (membership) => membership === undefined ? undefined : { ...membership, firstVisible: 1 }
    )
  ),
  "P3 the ids of an erased user are free, also those of changes of a group that retention removes later": keepsIds(
    ({ kind }) => kind === "group"
  ),
  "P8 whoever has an erased name next begins behind it, for every verb": sinceErasure(lets("not_found")),
  "both ends of a conversation may be erased, one after the other": sinceErasure(
    store.answers("eraseUser", () => 0)
  ),
  "what an erased user reacted with is as if it had been taken back": shown((entry) =>
    entry.kind === "reaction" ? { ...entry, emoji: "🦄" } : entry
  ),
  "of nobody an erasure removes nothing, and of the same name again neither": (services) => {
    const erased = new Map<UserId, number>()
    return store.answers("eraseUser", (count, user) => {
      erased.set(user, Math.max(count, erased.get(user) ?? 0))
      return erased.get(user)!
    })(services)
  },
  "P2 a group's log says that an erased member left": store.answers("history", (page) => ({
    ...page,
    entries: page.entries.filter((entry) => entry.kind !== "group" || entry.change.action !== "left")
  })),
  "a group whose last owner is erased goes to the longest admin, as an entry of its log": sinceErasure(
    roles((all) => all.map((role) => role === "owner" ? "admin" : role))
  ),
  "without an admin it goes to the longest member, also where all of it may be seen": sinceErasure(
    roles((all) => all.toReversed())
  ),
  "another owner stays the owner, and an empty group has none": sinceErasure(
    roles((all) => all.map((role) => role === "admin" ? "owner" : role))
  ),
  "others' blocks and bans of an erased name stay, the user's own go": sinceErasure(
    store.answers("blocks", () => [])
  ),
  "servers can ask what was erased since": store.answers(
    "erasures",
    (found, after) => after === undefined ? found : found.filter(({ conversation }) => conversation === undefined)
  ),
  "P3 an erased user's ids are nobody's": keepsIds(({ kind }) => kind === "text"),
  // It says that it is on a disk, and does it in one step.
  "an erasure of much pauses between its steps": store.changed(() => ({ durability: "disk" }))
}

export const exports: Mutants = {
  "export tells what is stored, erase removes it and leaves no gap": store.answers("exportUser", (stored) => ({
    ...stored,
    devices: []
  })),
  "export: all that is stored, also of groups that somebody left and of the time before they came again": store.answers(
    "exportUser",
    (stored) => ({ ...stored, memberships: stored.memberships.filter(({ left }) => left === undefined) })
  ),
  "P8 export: nothing of an erased user who had the name before": store.changed(({ history }) => ({
    ownEntries: ({ after, conversation, limit, user }) =>
      Effect.map(
        history({ conversation, after, limit }),
        ({ entries }) => entries.filter(({ sender }) => sender === user)
      )
  }))
}
