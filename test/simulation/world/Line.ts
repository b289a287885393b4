/**
 * A line between a client and a server, with everything that can happen to one: it is slow, is not read, breaks, and who is
 * told of it, or of nothing. To the server it is a `Connection`.
 */
import * as CloseCode from "../../../src/domain/CloseCode.ts"
import { decode } from "../../../src/domain/FrameCodec.ts"
import type { Connection, ConnectionListener, Ending } from "../../../src/services/session/Connection.ts"
import type { EncodedFrame } from "../../../src/services/session/EncodedFrame.ts"
import type { LineOptions, ToClient, ToServer } from "./LineOptions.ts"
import { Pipe } from "./Pipe.ts"

/** How long a WebSocket waits for the answer to its close frame. */
const closeMillis = 2_000

export class Line implements Connection {
  readonly begunAt: number
  /** When either side began to end it, or it broke. */
  endedAt: number | undefined
  readonly #options: LineOptions
  readonly #toClient: Pipe<ToClient>
  readonly #toServer: Pipe<ToServer>
  #listener: ConnectionListener | undefined
  #isWhole = true
  #isClosed = false
  #clientIsDone = false
  #hasWelcome = false
  #hasDraining = false
  #hasLeft = false
  /** Why the server has begun to end it. */
  #endedWith: CloseCode.CloseCode | undefined
  /** What waits for a client that does not read. */
  #backlog: Array<string> | undefined
  #buffered = 0
  #waiting: Array<() => void> = []

  constructor(options: LineOptions) {
    this.#options = options
    this.begunAt = options.server.world.now
    this.#toClient = new Pipe(options.client, options.latency, (item) => this.#atClient(item))
    this.#toServer = new Pipe(options.server, options.latency, (item) => this.#atServer(item))
    this.#toServer.stop()
    this.#toClient.send({ _tag: "Open" })
  }

  // ---- the server's end

  listen(listener: ConnectionListener): void {
    this.#listener = listener
    if (this.#isClosed) listener.onClosed("broken", this.#endedWith?.code ?? 1006)
    else this.#toServer.resume()
  }

  write(frames: ReadonlyArray<EncodedFrame>): boolean {
    if (!this.#isWhole) return false
    for (const { size, text } of frames) {
      this.#options.wrote(text)
      if (text.startsWith("{\"type\":\"welcome\"")) this.#hasWelcome = true
      if (text.startsWith("{\"type\":\"draining\"")) this.#hasDraining = true
      if (this.#backlog === undefined) this.#take(text)
      else {
        this.#backlog.push(text)
        this.#buffered += size
        this.#options.buffers(this.#buffered, size)
      }
    }
    return true
  }

  get isWhole(): boolean {
    return this.#isWhole
  }

  buffered(): number {
    return this.#buffered
  }

  whenTaken(callback: () => void): void {
    if (!this.#isWhole) return
    if (this.#buffered === 0) callback()
    else this.#waiting.push(callback)
  }

  resume(): void {
    this.#toServer.resume()
  }

  ping(): void {
    if (this.#isWhole && this.#backlog === undefined) this.#toClient.send({ _tag: "Ping" })
  }

  close(code: CloseCode.CloseCode): void {
    this.#sayClose(code)
    this.#toServer.resume()
  }

  closeUnread(code: CloseCode.CloseCode): void {
    this.#sayClose(code)
    this.#toServer.stop()
  }

  terminate(code: CloseCode.CloseCode): void {
    this.#endFor(code)
    if (this.#backlog === undefined) this.#toClient.send({ _tag: "Close", code: code.code, reason: code.reason })
    else this.#toClient.send({ _tag: "Close", code: 1006, reason: "" })
    this.#over("broken")
  }

  // ---- the client's end

  /** Whether the client may still say something. */
  get isOpen(): boolean {
    return !this.#clientIsDone
  }

  say(text: string): void {
    if (!this.#clientIsDone) this.#toServer.send({ _tag: "Frame", text })
  }

  /** The client says goodbye. */
  leave(): void {
    if (this.#clientIsDone) return
    this.#clientIsDone = true
    this.#ends()
    this.#toServer.send({ _tag: "Leave" })
  }

  /** The client's program ends, or its stack gives the line up: no goodbye, but its machine still tells the server. */
  drop(): void {
    if (this.#clientIsDone) return
    this.#clientIsDone = true
    this.#ends()
    this.#toServer.send({ _tag: "Gone" })
  }

  // ---- what happens to it

  /** The client reads nothing from now on, or reads again. */
  stall(): void {
    this.#backlog ??= []
  }

  flow(): void {
    const backlog = this.#backlog
    if (backlog === undefined) return
    this.#backlog = undefined
    this.#buffered = 0
    if (!this.#isWhole) return
    for (const text of backlog) this.#take(text)
    const waiting = this.#waiting
    this.#waiting = []
    for (const callback of waiting) this.#options.server.post(() => this.#isWhole ? callback() : undefined)
  }

  /** What is under way is lost. A side that is not told has to find out. */
  cut(tellClient: boolean, tellServer: boolean): void {
    const { client, server } = this.#options
    this.#ends()
    this.#toClient.cut()
    this.#toServer.cut()
    if (tellClient) client.post(() => this.#endClient(1006, ""))
    if (tellServer) server.post(() => this.#over("broken"))
  }

  /** Whether it has come to its end, as the server knows. */
  get isOver(): boolean {
    return this.#isClosed || !this.#isWhole
  }

  /** The server's process is gone. What it had sent is on its way; its machine says that it is gone, if there still is one. */
  serverDied(told: boolean): void {
    this.#isWhole = false
    this.#isClosed = true
    this.#ends()
    this.#toServer.cut()
    if (told) this.#toClient.send({ _tag: "Close", code: 1006, reason: "" })
  }

  /** Whoever was welcomed and has not gone is asked to go; for others the end of the line is all that says it. */
  get isUntoldOfStop(): boolean {
    if (this.#hasDraining || this.#hasLeft) return false
    return this.#endedWith?.code === CloseCode.Draining.code ? this.#hasWelcome : !this.isOver
  }

  /** Nothing was wrong with it on the server's side. */
  get isUntroubled(): boolean {
    return this.#listener !== undefined && this.#isWhole && this.#backlog === undefined
  }

  get serverName(): string {
    return this.#options.server.name
  }

  /** Nothing comes over it any more, whether or not its client knows; also where its server is gone. */
  get isBroken(): boolean {
    return this.#toClient.isCut || !this.#isWhole
  }

  // ---- inside

  #take(text: string): void {
    this.#options.end.took(text)
    this.#toClient.send({ _tag: "Frame", text })
  }

  #atClient(item: ToClient): boolean {
    const { end } = this.#options
    switch (item._tag) {
      case "Open":
        if (this.#clientIsDone) this.#toServer.send({ _tag: "Gone" })
        else end.opened(this)
        return true
      case "Frame":
        if (!this.#clientIsDone) end.heard(item.text)
        return true
      case "Ping":
        if (!this.#clientIsDone) this.#toServer.send({ _tag: "Pong" })
        return true
      case "Close":
        // The stack answers a close frame by itself.
        if (item.code !== 1006) this.#toServer.send({ _tag: "Answer" })
        this.#endClient(item.code, item.reason)
        return true
    }
  }

  #endClient(code: number, reason: string): void {
    if (this.#clientIsDone) return
    this.#clientIsDone = true
    this.#options.end.closed(code, reason)
  }

  #atServer(item: ToServer): boolean {
    if (this.#isClosed) return true
    const listener = this.#listener!
    switch (item._tag) {
      case "Frame":
        return this.#read(item.text, listener)
      case "Pong":
        if (this.#isWhole) listener.onPong()
        return true
      case "Answer":
        this.#over("answered")
        return true
      case "Gone":
        this.#over("broken")
        return true
      case "Leave":
        this.#isWhole = false
        this.#hasLeft = true
        // The answer to the client's close frame, and the end of the socket.
        this.#options.server.postAfter(2 * this.#options.latency(), () => this.#over("left", 1000))
        return true
    }
  }

  #read(text: string, listener: ConnectionListener): boolean {
    // After the server has begun to end it, nothing is carried out.
    if (!this.#isWhole) return true
    const decoded = decode(text, this.#options.textBytes)
    this.#options.read(decoded)
    return listener.onFrame(decoded)
  }

  #endFor(code: CloseCode.CloseCode): void {
    if (this.#endedWith !== undefined) return
    this.#endedWith = code
    this.#ends()
    this.#options.ended(code.code)
  }

  #ends(): void {
    this.endedAt ??= this.#options.server.world.now
  }

  #sayClose(code: CloseCode.CloseCode): void {
    if (this.#isClosed || this.#endedWith !== undefined) return
    this.#endFor(code)
    const wasWhole = this.#isWhole
    this.#isWhole = false
    // What the client has not read stands before it.
    if (wasWhole && this.#backlog === undefined) {
      this.#toClient.send({ _tag: "Close", code: code.code, reason: code.reason })
    }
    this.#options.server.postAfter(closeMillis, () => this.#over("broken"))
  }

  #over(ending: Ending, code?: number): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#isWhole = false
    this.#toServer.cut()
    this.#listener?.onClosed(ending, this.#endedWith?.code ?? code ?? 1006)
  }
}
