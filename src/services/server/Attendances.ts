/**
 * What other servers know of who is here, and what follows from who is there: of the connections of one named device, on
 * whatever servers, the newest stays. Which is the newest is the store's word, because clocks differ.
 */
import { Effect } from "effect"
import * as CloseCode from "../../domain/CloseCode.ts"
import type { DeviceId, UserId } from "../../domain/Ids.ts"
import type { ClusterService } from "../cluster/Cluster.ts"
import type { Session } from "../session/Session.ts"
import type { Journal } from "../storage/Journal.ts"

export interface AttendancesOptions {
  readonly cluster: ClusterService
  readonly journal: Pick<Journal["Service"], "nextOrder">
  readonly sessionsOf: (user: UserId) => ReadonlyArray<Session>
  readonly run: (effect: Effect.Effect<void>) => void
}

export class Attendances {
  readonly #options: AttendancesOptions
  /** In which order named devices came, as soon as it is known. */
  readonly #orders = new WeakMap<Session, number>()

  constructor(options: AttendancesOptions) {
    this.#options = options
    options.cluster.onAttendance((user) => this.#look(user))
  }

  arrived(ref: Session): void {
    const { order } = ref.origin
    if (order !== undefined) return this.#ordered(ref, order)
    this.#tell(ref.user)
    if (!ref.named) return
    const { cluster, journal, run } = this.#options
    const before = cluster.newest(ref.user, ref.device)
    run(journal.nextOrder.pipe(
      Effect.map((order) => {
        const newest = cluster.newest(ref.user, ref.device)
        // So late the store's word does not say who came last. If there is still a client here it comes back for its place,
        // and where it went elsewhere meanwhile it is not ended there by what it has left behind here.
        if (newest !== undefined && newest !== before) ref.tell({ _tag: "Close", code: CloseCode.GoingAway })
        else this.#ordered(ref, order)
      }),
      // The store is still away; the connection is told so, and another server hears of the device when it comes again.
      Effect.ignore
    ))
  }

  #ordered(ref: Session, order: number): void {
    this.#orders.set(ref, order)
    this.#tell(ref.user)
    this.#look(ref.user)
  }

  left(ref: Session): void {
    this.#tell(ref.user)
  }

  #tell(user: UserId): void {
    const { cluster, sessionsOf } = this.#options
    const sessions = sessionsOf(user)
    if (sessions.length === 0) return cluster.attend(user, undefined)
    let devices: Record<DeviceId, number> | undefined
    for (const session of sessions) {
      const order = this.#orders.get(session)
      if (order !== undefined) (devices ??= {})[session.device] = order
    }
    cluster.attend(user, { connections: sessions.length, ...(devices === undefined ? undefined : { devices }) })
  }

  /** Ends connections here that a device has replaced elsewhere. */
  #look(user: UserId): void {
    const { cluster, sessionsOf } = this.#options
    for (const session of sessionsOf(user)) {
      const order = this.#orders.get(session)
      if (order === undefined) continue
      const newest = cluster.newest(user, session.device)
      if (newest !== undefined && newest > order) session.tell({ _tag: "Close", code: CloseCode.Replaced })
    }
  }
}
