/**
 * The database of a simulation: a machine of its own, asked over a line. What is asked of it is lost, is done and not
 * answered, is answered late, or is refused because the disk is full. It remembers when each entry was really kept.
 */
import { Context, Effect, Exit, Layer, Option } from "effect"
import { Directory } from "../../../src/services/storage/Directory.ts"
import { FileRecords } from "../../../src/services/storage/FileRecords.ts"
import { Invites } from "../../../src/services/storage/Invites.ts"
import { Journal } from "../../../src/services/storage/Journal.ts"
import {
  type Append,
  type AppendResult,
  type CursorMove,
  type CursorResult,
  MessageStore,
  StoreError
} from "../../../src/services/storage/MessageStore.ts"
import { Preferences } from "../../../src/services/storage/Preferences.ts"
import { PushRecords } from "../../../src/services/storage/PushRecords.ts"
import { Reports } from "../../../src/services/storage/Reports.ts"
import { ServerKeys } from "../../../src/services/storage/ServerKeys.ts"
import { Subscriptions } from "../../../src/services/storage/Subscriptions.ts"
import type { Chance } from "./Chance.ts"
import type { Machine } from "./Machine.ts"

/** How it treats a server. */
export type Mood = "well" | "silent" | "late" | "failing" | "unsaid" | "full" | "slow"

type Ask = Effect.Effect<unknown, StoreError>

const writes = new Set([
  "commit",
  "setBlock",
  "putLastSeen",
  "putBan",
  "removeBan",
  "trim",
  "eraseUser",
  "create",
  "revoke",
  "open",
  "lease",
  "release",
  "move",
  "putEvent",
  "removeEvent",
  "retryEvent",
  "stop",
  "beat",
  "end",
  "nextOrder",
  "putTicket",
  "takeTicket"
])

export interface SimStoreOptions {
  /** One way, in milliseconds; 0 is a store in the server's own process. */
  readonly latency: number
  readonly struck: (what: string) => void
  /** A commit is in the store. */
  readonly kept: (appends: ReadonlyArray<Append>, results: ReadonlyArray<AppendResult>) => void
  readonly moved: (moves: ReadonlyArray<CursorMove>, results: ReadonlyArray<CursorResult>) => void
  /** A block is in the store, or its end. */
  readonly blocked: (user: string, other: string, on: boolean) => void
}

export class SimStore {
  readonly machine: Machine
  readonly #options: SimStoreOptions
  readonly #chance: Chance
  readonly #moods = new Map<string, Mood>()
  #context: Context.Context<MessageStore> | undefined

  constructor(machine: Machine, options: SimStoreOptions) {
    this.machine = machine
    this.#options = options
    this.#chance = machine.world.chance.fork()
  }

  /** As it is, without any faults: for the laws. */
  get real(): Context.Context<MessageStore> {
    return this.#context!
  }

  begin(context: Context.Context<MessageStore>): void {
    const store = Context.get(context, MessageStore)
    const commit: MessageStore["Service"]["commit"] = (appends, moves, stamp) =>
      Effect.tap(
        store.commit(appends, moves, stamp),
        ({ appends: results, moves: moved }) =>
          Effect.sync(() => {
            this.#options.kept(appends, results)
            if (moves.length > 0) this.#options.moved(moves, moved)
          })
      )
    const setBlock: MessageStore["Service"]["setBlock"] = (user, other, on, at) =>
      Effect.tap(
        store.setBlock(user, other, on, at),
        () => Effect.sync(() => this.#options.blocked(user, other, on))
      )
    this.#context = Context.add(context, MessageStore, { ...store, commit, setBlock })
  }

  /** From now on nothing comes any more of what servers asked that are gone by then. */
  isPeace = false

  setMood(server: string, mood: Mood): void {
    this.#moods.set(server, mood)
  }

  /** As one server has it. */
  layerFor(server: Machine): Layer.Layer<MessageStore | Journal> {
    const context = this.#context!
    let all: Context.Context<never> = Context.empty()
    for (
      const tag of [
        MessageStore,
        Journal,
        Directory,
        FileRecords,
        Invites,
        Preferences,
        PushRecords,
        Reports,
        ServerKeys,
        Subscriptions
      ]
    ) {
      const found = Context.getOption(context as Context.Context<any>, tag as Context.Key<any, object>)
      if (Option.isSome(found)) {
        all = Context.add(all, tag as Context.Key<any, object>, this.#asked(server, found.value))
      }
    }
    return Layer.succeedContext(all as Context.Context<MessageStore | Journal>)
  }

  #asked(server: Machine, service: object): object {
    return Object.fromEntries(
      Object.entries(service).map(([name, member]) => [
        name,
        Effect.isEffect(member)
          ? this.#ask(server, name, member as Ask)
          : typeof member === "function" && name !== "keepsWords"
          ? (...args: ReadonlyArray<never>) =>
            this.#ask(server, name, Effect.suspend(() => (member as (...args: ReadonlyArray<never>) => Ask)(...args)))
          : member
      ])
    )
  }

  #ask(server: Machine, name: string, ask: Ask): Ask {
    return Effect.suspend(() => {
      const mood = this.#moods.get(server.name) ?? "well"
      const { latency } = this.#options
      if (mood === "well") return latency === 0 ? ask : this.#over(server, ask, latency, latency)
      return this.#moody(mood, server, name, ask)
    })
  }

  #moody(mood: Exclude<Mood, "well">, server: Machine, name: string, ask: Ask): Ask {
    const { latency, struck } = this.#options
    const chance = this.#chance
    switch (mood) {
      case "failing":
        struck("store fails")
        return this.#fails
      case "full":
        if (!writes.has(name)) return this.#over(server, ask, latency, latency)
        struck("store full")
        return Effect.fail(new StoreError({ kind: "unavailable", message: "The disk is full." }))
      case "silent": {
        const isDone = chance.happens(0.5)
        struck(isDone ? "store done and never answered" : "store never answers")
        return isDone ? this.#over(server, ask, latency, undefined) : Effect.never
      }
      case "late": {
        struck("store late")
        // Before or after what was asked for was done.
        const [there, back] = chance.happens(0.5)
          ? [chance.between(500, 35_000), latency]
          : [latency, chance.between(500, 35_000)]
        return this.#over(server, ask, there, back)
      }
      case "unsaid":
        struck("store done and failed")
        return Effect.flatMap(this.#over(server, ask, latency, latency), () => this.#fails)
      case "slow":
        struck("store slow")
        return this.#over(server, ask, chance.between(5, 200), chance.between(5, 200))
    }
  }

  readonly #fails: Effect.Effect<never, StoreError> = Effect.suspend(() =>
    Effect.fail(new StoreError({ kind: "unavailable", message: "The connection to the database broke." }))
  )

  /** What was asked for is done whether or not anybody waits for it any more. */
  #over(server: Machine, ask: Ask, there: number, back: number | undefined): Ask {
    return Effect.callback((resume) => {
      this.machine.postAfter(there, () => {
        if (this.isPeace && server.isDead) return
        this.machine.run(ask).addObserver((exit) => {
          if (back === undefined) return
          server.postAfter(back, () => resume(exit as Exit.Exit<unknown, StoreError>))
        })
      })
    })
  }
}
