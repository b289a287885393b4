/**
 * Everything that was asked and has no answer yet. It is said again on each new connection, under the same `id`, until
 * there is an answer; what the server refuses for the moment is said again when it says so.
 */
import { Deferred, Effect } from "effect"
import * as Conversation from "../domain/Conversation.ts"
import { defined } from "../domain/defined.ts"
import { isChatCommand } from "../domain/entries/index.ts"
import { ChatError } from "../domain/Errors.ts"
import type { GroupId, UserId } from "../domain/Ids.ts"
import { isOver } from "../domain/Limit.ts"
import type { ErrorFrame, ServerFrame, Welcome } from "../domain/ServerFrame.ts"
import { ClientError } from "./ClientError.ts"
import type { Answer, Ask, AskFor, Command } from "./types.ts"

type Failure = ChatError | ClientError

/** A frame with the name that its answer comes under. */
interface Waiting {
  readonly id: string
  readonly json: string
  readonly answer: Deferred.Deferred<ServerFrame, Failure>
  /** What adds to a log: those for one conversation keep their order. */
  readonly command: Command | undefined
  /** Whether it names people. */
  readonly isList: boolean
  /** How often it was one too many. */
  refusals: number
}

export interface PendingRequestsOptions {
  readonly makeId: () => string
  /** Runs for as long as the client lives. */
  readonly run: (effect: Effect.Effect<void>) => void
}

/** When the server says that something is temporary and not for how long, in milliseconds. */
const defaultRetryAfter = 1_000

const minRetryAfter = 50

/** A request that is one too many again and again waits twice as long each time, up to so many times as long. */
const mostPatience = 8

const encoder = new TextEncoder()

const isTooMany = (frame: ServerFrame): boolean => frame.type === "error" && frame.code === "rate_limited"

const isCommand = (frame: Ask): frame is Command => isChatCommand(frame)

/** `recipient: bob` and `conversation: dm:alice:bob` are one conversation. */
const conversationOf = ({ conversation, group, recipient }: Command, user: UserId): string =>
  recipient !== undefined
    ? Conversation.direct(user, recipient as UserId)
    : group !== undefined
    ? Conversation.group(group as GroupId)
    : conversation!

export class PendingRequests {
  readonly #options: PendingRequestsOptions
  readonly #waiting = new Map<string, Waiting>()
  /** Commands by conversation, in the order in which they were said. Only the first of each is on its way. */
  #queues = new Map<string, Array<Waiting>>()
  #welcome: Welcome | undefined
  #send: ((json: string) => void) | undefined
  #closed: ClientError | undefined
  /** Commands whose turn has come while the server wants a pause; `undefined` while it does not. */
  #held: Set<Waiting> | undefined
  /**
   * Requests that the server found too many, in order, and those made since; `undefined` while there are none. They go one
   * at a time: all of them at once would be too many again, and whoever goes on with that is taken for a flood.
   */
  #paced: Array<Waiting> | undefined
  /** The one of them that is on its way. */
  #tried: string | undefined

  constructor(options: PendingRequestsOptions) {
    this.#options = options
  }

  /** Says it, now or on the next connection, and waits for the answer. Without an `id` it gets one. */
  readonly ask: AskFor = <A extends ServerFrame>(frame: Ask): Answer<A> =>
    Effect.suspend(() => {
      if (this.#closed !== undefined) return Effect.fail(this.#closed)
      const waiting = this.#add(frame)
      return Deferred.await(waiting.answer).pipe(
        // Nobody wants to know any more. A command may be carried out already, so it goes on.
        Effect.onInterrupt(() => Effect.sync(() => waiting.command === undefined && this.#waiting.delete(waiting.id)))
      ) as Answer<A>
    })

  /** Why nothing can be asked any more; `undefined` as long as something can. */
  get closed(): ClientError | undefined {
    return this.#closed
  }

  /** Whether something has no answer yet. */
  get isWaiting(): boolean {
    return this.#waiting.size > 0
  }

  /** A connection is ready: everything without an answer is said on it. */
  connected(welcome: Welcome, send: (json: string) => void): void {
    this.#welcome = welcome
    this.#send = send
    this.#held = undefined
    this.#paced = undefined
    this.#tried = undefined
    this.#queues = new Map()
    for (const each of this.#waiting.values()) this.#say(each)
  }

  disconnected(): void {
    this.#send = undefined
  }

  /** The command that waits for an answer under this name. */
  commandOf(id: string): Command | undefined {
    return this.#waiting.get(id)?.command
  }

  /** Takes what answers a request; false when it answers none. */
  answered(id: string, frame: ServerFrame): boolean {
    const waiting = this.#waiting.get(id)
    if (id === this.#tried && (waiting === undefined || !isTooMany(frame))) this.#tryNext()
    if (waiting === undefined) return false
    if (frame.type === "error" && frame.temporary) this.#later(waiting, frame)
    else if (frame.type === "error") this.#settle(waiting, Effect.fail(errorOf(frame)))
    else this.#settle(waiting, Effect.succeed(frame))
    return true
  }

  /** Nothing will be answered any more. */
  close(error: ClientError): void {
    this.#closed = error
    this.#send = undefined
    for (const { answer } of this.#waiting.values()) Deferred.doneUnsafe(answer, Effect.fail(error))
    this.#waiting.clear()
    this.#queues.clear()
  }

  #add(frame: Ask): Waiting {
    const id = frame.id ?? this.#options.makeId()
    const waiting: Waiting = {
      id,
      json: JSON.stringify({ ...frame, id }),
      answer: Deferred.makeUnsafe(),
      command: isCommand(frame) ? frame : undefined,
      isList: "members" in frame || "users" in frame,
      refusals: 0
    }
    this.#waiting.set(id, waiting)
    if (this.#send !== undefined) this.#say(waiting)
    return waiting
  }

  /** At once, or when those before it in its conversation are answered. */
  #say(waiting: Waiting): void {
    if (waiting.command === undefined) {
      if (this.#paced === undefined) this.#transmit(waiting)
      else this.#paced.push(waiting)
      return
    }
    const name = this.#queueOf(waiting)
    const queue = this.#queues.get(name)
    if (queue !== undefined) return void queue.push(waiting)
    this.#queues.set(name, [waiting])
    this.#go(waiting)
  }

  /** Its turn has come. */
  #go(waiting: Waiting): void {
    if (this.#held === undefined) this.#transmit(waiting)
    else this.#held.add(waiting)
  }

  #queueOf({ command }: Waiting): string {
    return conversationOf(command!, this.#welcome!.user)
  }

  #transmit(waiting: Waiting): void {
    const { frame_bytes } = this.#welcome!.limits
    // The server would close the connection, and for good.
    if (isOver(frame_bytes, waiting.json.length * 3) && isOver(frame_bytes, encoder.encode(waiting.json).length)) {
      return this.#settle(waiting, Effect.fail(tooLong(waiting, frame_bytes)))
    }
    this.#send?.(waiting.json)
  }

  #settle(waiting: Waiting, result: Effect.Effect<ServerFrame, Failure>): void {
    this.#waiting.delete(waiting.id)
    Deferred.doneUnsafe(waiting.answer, result)
    if (waiting.command === undefined || this.#welcome === undefined) return
    const name = this.#queueOf(waiting)
    const queue = this.#queues.get(name)
    if (queue?.[0] !== waiting) return
    queue.shift()
    if (queue.length === 0) this.#queues.delete(name)
    else this.#go(queue[0]!)
  }

  /** Whose asker has gone meanwhile is not asked for. */
  #tryNext(): void {
    let next = this.#paced?.shift()
    while (next !== undefined && !this.#waiting.has(next.id)) next = this.#paced?.shift()
    this.#tried = next?.id
    if (next === undefined) this.#paced = undefined
    else this.#transmit(next)
  }

  #later(waiting: Waiting, frame: ErrorFrame): void {
    const { retry_after_ms } = frame
    const patience = waiting.command === undefined && isTooMany(frame)
      ? Math.min(mostPatience, 2 ** waiting.refusals++)
      : 1
    const delay = Effect.sleep(Math.max(retry_after_ms ?? defaultRetryAfter, minRetryAfter) * patience)
    const send = this.#send
    // A new connection has said everything already.
    const again = (say: () => void) => Effect.andThen(delay, Effect.sync(() => this.#send === send && say()))
    if (waiting.command === undefined) {
      if (!isTooMany(frame)) return this.#options.run(again(() => this.#waiting.has(waiting.id) && this.#say(waiting)))
      const isFirst = this.#paced === undefined
      if (this.#tried === waiting.id) this.#paced?.unshift(waiting)
      else (this.#paced ??= []).push(waiting)
      if (isFirst || this.#tried === waiting.id) this.#options.run(again(() => this.#tryNext()))
      return
    }
    if (this.#held !== undefined) return void this.#held.add(waiting)
    this.#held = new Set([waiting])
    this.#options.run(again(() => {
      const held = this.#held ?? []
      this.#held = undefined
      for (const each of held) this.#transmit(each)
    }))
  }
}

const tooLong = ({ isList }: Waiting, bytes: number): ChatError =>
  isList
    ? new ChatError({
      code: "invalid_frame",
      message:
        `These names are more than the ${bytes} bytes that the server takes at once; give some now and the others ` +
        "afterwards.",
      temporary: false
    })
    : new ChatError({
      code: "text_too_long",
      message: `The message is longer than ${bytes} bytes; send it in parts.`,
      temporary: false
    })

/** A refusal as an error. */
export const errorOf = ({ code, message, retry_after_ms, temporary }: ErrorFrame): ChatError =>
  new ChatError({ code, message, temporary, ...defined({ retry_after_ms }) })
