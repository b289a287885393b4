/**
 * Any store, as the server uses it: every question is answered in time, and where the store has a journal and a directory,
 * their questions too.
 */
import { Context, Effect, Layer, Option } from "effect"
import { inTime } from "../kernel/inTime.ts"
import { type Asking, makeAsking } from "./asking.ts"
import { Directory } from "./Directory.ts"
import { Journal } from "./Journal.ts"
import { MessageStore } from "./MessageStore.ts"
import { noAnswer, type StoreHealth } from "./StoreHealth.ts"

const boundedStore = ({ ask, asked }: Asking, store: MessageStore["Service"]): MessageStore["Service"] => ({
  durability: store.durability,
  // The PersistenceActor bounds it, because it has to hear what became of a late one.
  commit: (appends, moves, stamp) => store.commit(appends, moves, stamp),
  history: asked((options) => store.history(options)),
  conversations: asked((options) => store.conversations(options)),
  recent: asked((options) => store.recent(options)),
  behind: asked((options) => store.behind(options)),
  membership: asked((conversation, user) => store.membership(conversation, user)),
  group: asked((group) => store.group(group)),
  groupHead: asked((group) => store.groupHead(group)),
  wasMember: asked((conversation, user) => store.wasMember(conversation, user)),
  positions: asked((conversation, reader) => store.positions(conversation, reader)),
  setBlock: asked((user, blocked, on, at) => store.setBlock(user, blocked, on, at)),
  blocks: asked((user) => store.blocks(user)),
  visibleTo: asked((user, others) => store.visibleTo(user, others)),
  blockedEitherWay: asked((user, others) => store.blockedEitherWay(user, others)),
  putLastSeen: asked((seen) => store.putLastSeen(seen)),
  lastSeen: asked((users) => store.lastSeen(users)),
  putBan: asked((ban) => store.putBan(ban)),
  removeBan: asked((subject) => store.removeBan(subject)),
  bans: ask(Effect.suspend(() => store.bans)),
  erasures: asked((after) => store.erasures(after)),
  latest: asked((now) => store.latest(now)),
  check: ask(Effect.suspend(() => store.check)),
  // Work for minutes, that no client waits for.
  trim: (options) => store.trim(options),
  exportUser: (user) => store.exportUser(user),
  ownEntries: (options) => store.ownEntries(options),
  eraseUser: (user, pause) => store.eraseUser(user, pause)
})

const boundedJournal = ({ ask, asked }: Asking, journal: Journal["Service"]): Journal["Service"] => ({
  open: asked((node) => journal.open(node)),
  positions: ask(Effect.suspend(() => journal.positions)),
  since: asked((known, options) => journal.since(known, options)),
  entries: asked((runs) => journal.entries(runs)),
  beat: asked((epoch) => journal.beat(epoch)),
  end: asked((epoch) => journal.end(epoch)),
  nextOrder: ask(Effect.suspend(() => journal.nextOrder)),
  key: ask(Effect.suspend(() => journal.key)),
  putTicket: asked((hash, body, millis) => journal.putTicket(hash, body, millis)),
  takeTicket: asked((hash) => journal.takeTicket(hash)),
  // Work in steps, that nobody waits for.
  trim: Effect.suspend(() => journal.trim)
})

/** Long enough for the conversations of a very large SQLite file to be counted, in milliseconds. */
const sizeMillis = 30_000

const boundedDirectory = ({ asked }: Asking, directory: Directory["Service"]): Directory["Service"] => ({
  users: asked((options) => directory.users(options)),
  user: asked((user) => directory.user(user)),
  profiles: asked((users) => directory.profiles(users)),
  putProfile: asked((profile) => directory.putProfile(profile)),
  size: inTime(Effect.suspend(() => directory.size), { millis: sizeMillis, late: () => Effect.fail(noAnswer()) })
})

/** A `Journal` and a `Directory` come with it where the store has them; whoever needs them asks whether they are there. */
const layer: Layer.Layer<MessageStore, never, MessageStore | StoreHealth> = Layer.effectContext(
  Effect.gen(function*() {
    const asking = yield* makeAsking
    const journal = yield* Effect.serviceOption(Journal)
    const directory = yield* Effect.serviceOption(Directory)
    const bounded = Context.make(MessageStore, boundedStore(asking, yield* MessageStore))
    const store = Option.match(directory, {
      onNone: (): Context.Context<MessageStore> => bounded,
      onSome: (directory) => Context.add(bounded, Directory, boundedDirectory(asking, directory))
    })
    return Option.match(journal, {
      onNone: (): Context.Context<MessageStore> => store,
      onSome: (journal) => Context.add(store, Journal, boundedJournal(asking, journal))
    })
  })
)

export const BoundedStore = { layer }
