/**
 * A chat for tests of what an app makes of it: the whole server in memory, people without sockets, and time by `TestClock`.
 * Everything that follows from a frame has happened when `says` answers; what takes time happens in `pass`.
 */
import { type Duration, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import assert from "node:assert/strict"
import type { CloseCode } from "../domain/CloseCode.ts"
import { decode } from "../domain/FrameCodec.ts"
import { defaultDevice, DeviceId, UserId } from "../domain/Ids.ts"
import type { ServerFrame } from "../domain/ServerFrame.ts"
import { Authenticator } from "../services/access/Authenticator.ts"
import * as ActorScheduler from "../services/kernel/ActorScheduler.ts"
import type { Connection, ConnectionListener, Ending } from "../services/session/Connection.ts"
import type { EncodedFrame } from "../services/session/EncodedFrame.ts"
import { Settings, type SettingValues } from "../services/Settings.ts"
import { MemoryMessageStore } from "../services/storage/MemoryMessageStore.ts"
import * as Switchboard from "../services/Switchboard.ts"
import { UserActors } from "../services/user/UserActors.ts"

type FrameOf<T extends ServerFrame["type"]> = Extract<ServerFrame, { readonly type: T }>

/** The server, with settings of your own where they matter. Provide what your app provides, such as `Authorization`. */
export const layer = (settings: Partial<SettingValues> = {}) =>
  Switchboard.layer.pipe(
    Layer.provideMerge(Authenticator.layerPhoneHeader),
    Layer.provideMerge(MemoryMessageStore.layer()),
    Layer.provideMerge(Settings.layerOf(settings))
  )

/** Actors run apart from an app's own fibers, which have their turns between. */
const turns = 4

/** Lets everything happen that follows; no time passes. */
export const settle: Effect.Effect<void> = Effect.forEach(
  Array.from({ length: turns }),
  () => Effect.andThen(ActorScheduler.nextTurn, ActorScheduler.idle),
  { discard: true }
)

/** Time passes, and everything happens that was due by then. */
export const pass = (duration: Duration.Input): Effect.Effect<void> =>
  Effect.andThen(settle, Effect.andThen(TestClock.adjust(duration), settle))

/** Longest frame that somebody says here. */
const maxFrame = 1_048_576

/** A socket that takes all at once. */
class MemoryLine implements Connection {
  readonly heard: Array<ServerFrame> = []
  isWhole = true
  #listener: ConnectionListener | undefined

  listen(listener: ConnectionListener): void {
    this.#listener = listener
  }

  write(frames: ReadonlyArray<EncodedFrame>): boolean {
    // What the server has encoded.
    if (this.isWhole) { for (const { text } of frames) this.heard.push(JSON.parse(text) as ServerFrame) }
    return this.isWhole
  }

  buffered(): number {
    return 0
  }

  whenTaken(callback: () => void): void {
    if (this.isWhole) callback()
  }

  resume(): void {}

  ping(): void {
    this.#listener?.onPong()
  }

  close({ code }: CloseCode): void {
    this.end("answered", code)
  }

  closeUnread({ code }: CloseCode): void {
    this.end("broken", code)
  }

  terminate({ code }: CloseCode): void {
    this.end("broken", code)
  }

  say(frame: object): void {
    if (this.isWhole) this.#listener?.onFrame(decode(JSON.stringify(frame), maxFrame))
  }

  end(ending: Ending, code: number): void {
    if (!this.isWhole) return
    this.isWhole = false
    this.#listener?.onClosed(ending, code)
  }
}

/** Somebody who is connected. */
export class Person {
  readonly user: UserId
  readonly #line: MemoryLine
  #taken = 0
  #asked = 0

  constructor(user: UserId, line: MemoryLine) {
    this.user = user
    this.#line = line
  }

  /** All that the server has told them, the oldest first. */
  get heard(): ReadonlyArray<ServerFrame> {
    return this.#line.heard
  }

  /** Whether the server has not ended the connection. */
  get isConnected(): boolean {
    return this.#line.isWhole
  }

  /** Says a frame of the protocol; what they hear of it. */
  says(frame: object): Effect.Effect<ReadonlyArray<ServerFrame>> {
    return Effect.suspend(() => {
      const before = this.heard.length
      this.#line.say(frame)
      return Effect.map(settle, () => this.heard.slice(before))
    })
  }

  /** Says a frame with an id, and takes what carries it back, which has to be of this type. */
  asks<T extends ServerFrame["type"]>(frame: object, type: T): Effect.Effect<FrameOf<T>> {
    return Effect.suspend(() => {
      const question = { id: `ask-${this.#asked++}`, ...frame }
      return Effect.map(
        this.says(question),
        (heard) => this.#found(heard, type, (answer) => "id" in answer && answer.id === question.id)
      )
    })
  }

  /** The next frame of this type, and like this, that was not taken; it has to be there. */
  next<T extends ServerFrame["type"]>(
    type: T,
    matches: (frame: FrameOf<T>) => boolean = () => true
  ): Effect.Effect<FrameOf<T>> {
    return Effect.map(settle, () => {
      const frame = this.#found(this.heard.slice(this.#taken), type, matches)
      this.#taken = this.heard.indexOf(frame) + 1
      return frame
    })
  }

  #found<T extends ServerFrame["type"]>(
    among: ReadonlyArray<ServerFrame>,
    type: T,
    matches: (frame: FrameOf<T>) => boolean
  ): FrameOf<T> {
    const found = among.find((frame): frame is FrameOf<T> => frame.type === type && matches(frame as FrameOf<T>))
    return found ?? assert.fail(`${this.user} heard no such ${type}, but ${JSON.stringify(among)}`)
  }

  /** Closes the connection, and lets everything happen that follows. */
  readonly leaves: Effect.Effect<void> = Effect.suspend(() => {
    this.#line.end("left", 1000)
    return settle
  })
}

/** Lets somebody in, whom no `Authenticator` is asked for; they have heard their `welcome`. It ends with the test. */
export const connect = Effect.fnUntraced(function*(name: string, device?: string) {
  const line = new MemoryLine()
  const user = UserId.make(name)
  const named = device !== undefined
  yield* Effect.forkChild((yield* UserActors).run({
    identity: { user, device: named ? DeviceId.make(device) : defaultDevice, named },
    level: "v1",
    connection: line,
    address: "127.0.0.1"
  }))
  yield* settle
  const person = new Person(user, line)
  yield* person.next("welcome")
  return person
})
