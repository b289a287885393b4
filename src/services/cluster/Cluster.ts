/** One server among several, as its own parts see it. A process that is alone has none, and pays one look for it. */
import { Context, type Effect } from "effect"
import type { Entry } from "../../domain/entries/index.ts"
import type { ConversationId, DeviceId, SessionId, UserId } from "../../domain/Ids.ts"
import type { Vital } from "../kernel/Lifeline.ts"
import type { Position } from "../storage/Journal.ts"
import type { StoredProfile } from "../storage/UserData.ts"
import type { Traced } from "../telemetry/MessageTrace.ts"
import type { Answer, Question } from "./connectionList.ts"
import type { CursorMoved } from "./News.ts"
import type { Note } from "./Note.ts"
import type { LogItem } from "./Positions.ts"
import type { Publisher } from "./Publisher.ts"
import type { Answers } from "./Questions.ts"
import type { Attendance, NodeId } from "./Roster.ts"
import type { TypingSeen } from "./Wire.ts"

/** An entry on its way to those who are here, in the order of its log. */
export interface Item extends LogItem {
  /** `undefined` where nobody here is concerned. */
  readonly entry: Entry | undefined
  /** Of a group: its version with this entry, as far as it was told. */
  readonly version?: number
  readonly own?: Own
  /** Where it is traced by the server that committed it. */
  readonly traceparent?: string
}

/** Of an entry that somebody here has asked for. */
export interface Own {
  /** The connection that did, which has its answer. */
  readonly session?: SessionId
  /** Of its message. */
  readonly trace?: Traced
  /** Delivers it to those for whom it was sent. Returns false where they are others by now. */
  readonly deliver: () => boolean
}

/** What this server does with what it hears of others. None of these functions waits or throws. */
export interface Listener {
  /** Returns whether the item was delivered at once; if not, `resume` says when it was. */
  readonly deliver: (item: Item) => boolean
  /** A batch of items has ended. */
  readonly flush: () => void
  /** Whether anybody who is here may have to hear of this conversation. */
  readonly concerns: (conversation: ConversationId) => boolean
  readonly moved: (moved: CursorMoved) => void
  readonly typing: (sign: TypingSeen) => void
  /** Too much was missed to be told one by one: everybody reads the store again. */
  readonly resync: () => void
}

/** How it is known that somebody is on no other server any more. */
export interface Gone {
  /** Since the last sign of it, in milliseconds: a server that was lost was last heard a while ago. */
  readonly silentMillis: number
  /** Whether another server writes down when they were here. */
  readonly isNoted: boolean
}

/** How another server is, for people who look after it. */
export interface NodeStatus {
  readonly node: NodeId
  readonly users: number
  readonly connections: number
  readonly draining: boolean
  /** Since it was heard over the bus, in milliseconds; `undefined` when it was not. */
  readonly heardMillis: number | undefined
}

export interface ClusterStatus {
  readonly node: NodeId
  readonly bus: {
    readonly kind: string
    readonly healthy: boolean
    readonly refused: number
    /** How often something was missing in what came over it. */
    readonly gaps: number
  }
  readonly nodes: ReadonlyArray<NodeStatus>
}

export interface ClusterService {
  readonly node: NodeId
  /** For the PersistenceActor alone. */
  readonly publisher: Publisher
  /**
   * Begins to hear of others, for as long as the server is there. Called once, before the first client. Where an item has
   * its turn, its position is passed: whatever throws there has lost it, and `vital` says so.
   */
  readonly follow: (listener: Listener, vital: Vital) => Effect.Effect<void>
  /** This server has committed these; they come back through `deliver`, in the order of their logs. */
  readonly committed: (position: Position, items: ReadonlyArray<Item>, notes: ReadonlyArray<unknown>) => void
  /** An item for which `deliver` said false has been delivered. */
  readonly resume: (conversation: ConversationId) => void
  /** Told to others as far as the bus goes; never stored. */
  readonly moved: (moved: CursorMoved) => void
  readonly typing: (sign: TypingSeen) => void
  /** This user sent too much. */
  readonly flooded: (user: UserId) => void
  /** This is how a user is shown by now. */
  readonly profile: (profile: StoredProfile) => void
  readonly onProfile: (listener: (profile: StoredProfile) => void) => void
  readonly onFlood: (listener: (user: UserId) => void) => void
  /** What others wrote into the journal beside entries. */
  readonly onNote: (listener: (note: Note) => void) => void
  /** Some of it was missed: whoever listens to notes has to look at the store. */
  readonly onMissed: (listener: () => void) => void
  /** How this user is here; `undefined` when they are not any more. */
  readonly attend: (user: UserId, attendance: Omit<Attendance, "user"> | undefined) => void
  /** Something about this user has changed on other servers; `gone` counts when they are on none of them any more. */
  readonly onAttendance: (listener: (user: UserId, gone: Gone) => void) => void
  /** Asks all other servers, for as long as an administrator may wait. */
  readonly ask: (question: Question) => Effect.Effect<Answers>
  /** What this one answers to others. Set once. */
  readonly onQuestion: (answer: (question: Question) => Effect.Effect<Answer>) => void
  /** Users on other servers; who is on several comes several times. */
  readonly users: () => Iterable<UserId>
  /** Whether the user is on another server. */
  readonly has: (user: UserId) => boolean
  /** How many connections the user has on other servers. */
  readonly connections: (user: UserId) => number
  /** The order of the newest connection of this device on other servers. */
  readonly newest: (user: UserId, device: DeviceId) => number | undefined
  /** How many other servers there are that take clients. */
  readonly others: () => number
  /** From here on others know that this server sends its clients away. */
  readonly draining: Effect.Effect<void>
  readonly status: Effect.Effect<ClusterStatus>
}

/** Provided by `ClusterNode.layer`. */
export const Cluster = Context.Reference<ClusterService | undefined>("switchboard/services/cluster/Cluster", {
  defaultValue: () => undefined
})
