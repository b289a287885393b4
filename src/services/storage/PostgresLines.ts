/**
 * The sockets to a Postgres. A line behind a firewall that forgot it, or to a machine that is gone, takes what is written
 * and never answers: the operating system notices after a quarter of an hour. Here it is cut off when it owes an answer
 * for too long: whoever waits for it hears of it, and the pool makes a new one.
 */
import { Redacted } from "effect"
import { connect, type NetConnectOpts, type Socket } from "node:net"
import { Duplex } from "node:stream"

/** How long an idle line may be dead until the operating system asks, in milliseconds. */
const keepAliveMillis = 10_000

const last = (values: ReadonlyArray<string>): string | undefined => values.at(-1)

/** Where a connection string leads; the driver reads the rest of it. What it cannot read, it says itself. */
const addressOf = (url: Redacted.Redacted<string>): NetConnectOpts => {
  const parsed = URL.parse(Redacted.value(url))
  const { searchParams } = parsed ?? new URL("postgres://localhost")
  const hostname = decodeURIComponent(parsed?.hostname.replace(/^\[(.*)\]$/, "$1") ?? "")
  const host = last(searchParams.getAll("host")) ?? (hostname === "" ? "localhost" : hostname)
  const port = Number(last(searchParams.getAll("port")) ?? (parsed?.port || 5_432))
  return host.startsWith("/") ? { path: `${host}/.s.PGSQL.${port}` } : { host, port, noDelay: true }
}

/** Not a `Socket` itself: under TLS Node would go past it to the file descriptor. */
class Line extends Duplex {
  readonly #lines: Set<Line>
  readonly #socket: Socket
  /** How many looks ago it was asked something that it has not answered with a single byte. */
  owes = -1

  constructor(lines: Set<Line>, socket: Socket) {
    super({ allowHalfOpen: false })
    this.#lines = lines
    this.#socket = socket
    lines.add(this)
    socket.setKeepAlive(true, keepAliveMillis)
    socket.on("data", (chunk: Buffer) => {
      this.owes = -1
      if (!this.push(chunk)) socket.pause()
    })
    socket.on("end", () => this.push(null))
    socket.on("error", (error) => this.destroy(error))
    socket.on("close", () => this.destroy())
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.owes < 0) this.owes = 0
    this.#socket.write(chunk, done)
  }

  override _final(done: () => void): void {
    this.#socket.end(done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#lines.delete(this)
    this.#socket.destroy()
    done(error)
  }
}

export class PostgresLines {
  readonly #address: NetConnectOpts
  readonly #patience: number
  readonly #lines = new Set<Line>()

  /** `patience` is how many looks a line may owe an answer. */
  constructor(url: Redacted.Redacted<string>, patience: number) {
    this.#address = addressOf(url)
    this.#patience = patience
  }

  /** For `PgClient`. */
  readonly open = (): Duplex => new Line(this.#lines, connect(this.#address))

  /** Called once a second. Where one is dead the idle ones often are too, and are as quickly made again. */
  look(): void {
    let died = false
    for (const line of this.#lines) {
      if (line.owes >= 0 && line.owes++ >= this.#patience) {
        died = true
        line.destroy(new Error("The database does not answer."))
      }
    }
    if (!died) return
    for (const line of this.#lines) if (line.owes < 0) line.destroy()
  }

  /** Nobody waits for an answer any more. */
  cutOff(): void {
    for (const line of this.#lines) if (line.owes >= 0) line.destroy()
  }

  /** Nobody needs them any more. */
  close(): void {
    for (const line of this.#lines) line.destroy()
  }
}
