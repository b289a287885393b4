/** This server says that it is there: over the bus, and now and then in the store, which is what counts in the end. */
import { Effect } from "effect"
import { repeatForever } from "../kernel/repeatForever.ts"
import type { Journal } from "../storage/Journal.ts"
import type { StoreError } from "../storage/MessageStore.ts"
import type { Follower } from "./Follower.ts"
import type { Publisher } from "./Publisher.ts"
import type { Vicinity } from "./Vicinity.ts"
import type { Message } from "./Wire.ts"

const beatMillis = 1_000
/** A sign in the store is a write. */
const beatsForStored = 2
/** A beat that is late by more means that this process stood still, and others may have taken it for dead. */
const stoodStillMillis = 5_000

export interface Living {
  readonly follower: Follower
  readonly vicinity: Vicinity
  readonly journal: Journal["Service"]
  readonly publisher: Publisher
  readonly publish: (message: Message) => void
  readonly now: () => number
}

export const signsOfLife = ({ follower, journal, now, publish, publisher, vicinity }: Living) => {
  let beats = 0
  let lastAt: number | undefined
  let isStoring = false

  const stored = Effect.suspend((): Effect.Effect<void, StoreError> => {
    const { epoch } = publisher
    if (epoch === undefined) return Effect.asVoid(publisher.next())
    return Effect.map(journal.beat(epoch), (isThere) => {
      if (!isThere && publisher.epoch === epoch) publisher.doubt()
    })
  })

  /** A store that does not answer must not silence the bus: others would take this server for dead. */
  const storeSoon = Effect.suspend(() => {
    if (isStoring) return Effect.void
    isStoring = true
    return Effect.ignore(stored).pipe(
      Effect.ensuring(Effect.sync(() => {
        isStoring = false
      })),
      Effect.forkChild
    )
  })

  const beat = Effect.suspend(() => {
    const at = now()
    const stoodStill = lastAt !== undefined && at - lastAt > stoodStillMillis
    lastAt = at
    if (stoodStill) {
      follower.ask()
      vicinity.askAll()
    }
    publish(vicinity.beat(publisher))
    return beats++ % beatsForStored === 0 || stoodStill ? Effect.asVoid(storeSoon) : Effect.void
  })

  return repeatForever("Cluster.beat", beat, beatMillis)
}
