/**
 * A client without our code in it: frames as they are. It says again what was not answered, drops what it has seen, and
 * confirms what it gets by itself, when it is told to, or (plain) never, because there its socket does.
 */
import type { ServerFrame } from "../../../src/domain/ServerFrame.ts"
import { type Act, Device, type PageSeen, type Run } from "./Device.ts"
import { isFarewell } from "./farewell.ts"
import { type Frame, frameOf } from "./frames.ts"

/** How soon it comes back, in milliseconds, and when it thinks that a line is dead. */
const backMillis = 1_500
const patienceMillis = 15_000
const silenceMillis = 25_000

const watching = "watching"

/** What has no direct answer is said once. */
const isUnanswered = ({ _tag }: Act): boolean =>
  _tag === "Typing" || _tag === "Read" || _tag === "Confirm" || _tag === "Unwatch"

export class RawDevice extends Device {
  #isAway = false
  #ids = 0
  #attempts = 0
  #returns = 0
  #lastHeard = 0
  /** Frames with a name that have no answer yet. */
  readonly #unanswered = new Map<string, string>()
  /** All that was said, for retries. */
  readonly #frames: Array<Frame> = []
  /** The highest place that came, of each conversation. */
  readonly #seen = new Map<string, number>()
  readonly #pagesAsked = new Map<string, number>()
  readonly #groupsAsked = new Set<string>()
  /** What was refused for a while is said again one after the other, as the typed client does. */
  readonly #again = new Set<string>()
  #isPausing = false

  pending(): number {
    return this.#unanswered.size
  }

  get isPlain(): boolean {
    return this.plan.kind === "plain"
  }

  get isHere(): boolean {
    return this.#isConnected && !this.line!.isBroken
  }

  /** As far as it knows. */
  get #isConnected(): boolean {
    return this.line !== undefined && this.line.isOpen
  }

  begin(): void {
    this.#connect()
    this.#watchLine()
  }

  leave(millis: number): void {
    this.#isAway = true
    this.#end("leave")
    this.comeAfter(millis)
  }

  restart(): void {
    this.#end("drop")
    this.#connectSoon(0)
  }

  come(): void {
    this.#isAway = false
    if (this.#isConnected) return
    // It may have gone again by the time that its program goes on.
    this.#connectSoon(0)
  }

  act(deed: Act, target: Record<string, string> | undefined, seq: number): void {
    const frame = this.#frameOf(deed, target, seq)
    if (deed._tag === "Babble") {
      for (let n = 0; n < (deed.times ?? 1); n++) this.#say(deed.frame)
      return
    }
    if (deed._tag === "Watch") return this.#watchAll()
    if (frame === undefined) return
    if (isUnanswered(deed)) return this.#say(JSON.stringify(frame))
    const id = (frame["id"] as string | undefined) ?? `${this.index}-${++this.#ids}`
    const named = { ...frame, id }
    const text = JSON.stringify(named)
    if (deed._tag === "Say") {
      this.#frames.push(named)
      this.said.push({ id, key: JSON.stringify(target), text: deed.text })
    }
    if (deed._tag === "History") this.#pagesAsked.set(id, this.around.world.now)
    if (deed._tag === "Found") this.#groupsAsked.add(id)
    this.#unanswered.set(id, text)
    this.#say(text)
  }

  #frameOf(deed: Act, target: Record<string, string> | undefined, seq: number): Frame | undefined {
    switch (deed._tag) {
      case "Retry": {
        const before = this.#frames.at(-1 - deed.back)
        return before === undefined || deed.other !== true
          ? before
          : { ...before, text: `${String(before["text"])} or not` }
      }
      case "Read":
      case "Confirm": {
        const conversation = target!["conversation"]!
        const upTo = this.#seen.get(conversation)
        if (upTo === undefined) return undefined
        return { type: deed._tag === "Read" ? "read" : "received", conversation, up_to: upTo }
      }
      case "Unwatch":
        for (const person of deed.persons) this.watched.delete(this.around.people(person))
        break
      case "Watch":
        for (const person of deed.persons) this.watched.add(this.around.people(person))
        break
    }
    return frameOf(deed, { target, seq, user: this.user, people: this.around.people })
  }

  /** What is watched is asked for as a whole, under a name by which a refusal is known. */
  #watchAll(): void {
    if (this.watched.size === 0) return
    this.#say(JSON.stringify({ type: "subscribe_presence", users: [...this.watched], id: watching }))
  }

  #say(text: string): void {
    if (!this.#isConnected) return
    this.trace(`says ${text}`)
    this.line!.say(text)
  }

  #end(how: "leave" | "drop"): void {
    this.#attempts++
    this.line?.[how]()
    this.line = undefined
    this.attempt?.abandon()
    this.attempt = undefined
  }

  /** The time that was said last counts. */
  #connectSoon(millis = backMillis): void {
    if (this.#isAway) return
    const mine = ++this.#returns
    this.machine.postAfter(millis, () => mine !== this.#returns || this.#isAway || this.#connect())
  }

  #connect(): void {
    if (this.#isConnected || this.attempt !== undefined) return
    const mine = ++this.#attempts
    const isMine = () => mine === this.#attempts
    const run: Run = { begunAt: this.around.world.now, heard: [], taken: [] }
    const { world } = this.around
    const node = this.around.anyNode(this.node)
    const attempt = this.around.network.connect({
      client: this.machine,
      node,
      user: this.user,
      device: this.device,
      level: this.isPlain ? "plain" : "v1",
      isIsolated: () => this.isIsolated,
      isStalled: () => this.isStalled,
      end: {
        opened: (line) => {
          if (!isMine()) return line.drop()
          this.trace(`is on ${node?.machine.name}`)
          if (!this.runs.includes(run)) this.runs.push(run)
          this.has(line)
          this.attempt = undefined
          this.#lastHeard = world.now
          for (const [id, text] of this.#unanswered) if (!this.#again.has(id)) this.#say(text)
          this.#sayAgain()
          this.#watchAll()
        },
        heard: (text) => {
          if (isMine()) this.#heard(run, text)
        },
        took: (text) => {
          if (!this.isPlain) return
          // Also of a line that the client has given up before it knew of it.
          if (!this.runs.includes(run)) this.runs.push(run)
          run.taken.push(JSON.parse(text) as ServerFrame)
        },
        closed: (code, reason) => {
          if (!isMine()) return
          this.trace(`closed ${code} ${reason}`)
          this.around.struck(`closed ${code}`)
          this.line = undefined
          this.attempt = undefined
          this.#connectSoon()
        },
        refused: (status) => {
          if (!isMine()) return
          this.trace(`refused ${status ?? "by nobody"}`)
          if (status !== undefined) this.around.struck(`refused ${status}`)
          this.attempt = undefined
          this.#connectSoon()
        }
      }
    })
    this.attempt = attempt
    world.after(patienceMillis, () =>
      this.machine.post(() => {
        if (this.attempt !== attempt) return
        this.#end("drop")
        this.#connectSoon()
      }))
  }

  /** A line that is silent for too long is given up. */
  #watchLine(): void {
    this.around.world.after(silenceMillis / 5, () =>
      this.machine.post(() => {
        if (this.#isConnected && this.around.world.now - this.#lastHeard > silenceMillis) {
          // A plain server pings on the level of WebSocket only, which counts for the line and not here.
          if (this.isPlain) this.#say(JSON.stringify({ type: "ping" }))
          if (this.around.world.now - this.#lastHeard > silenceMillis * (this.isPlain ? 1.5 : 1)) {
            this.trace("gives its line up")
            this.#end("drop")
            this.#connectSoon(0)
          }
        }
        this.#watchLine()
      }))
  }

  #heard(run: Run, text: string): void {
    const { world } = this.around
    this.#lastHeard = world.now
    const frame = JSON.parse(text) as ServerFrame
    this.trace(`hears ${text}`)
    run.heard.push({ at: world.now, frame })
    if (frame.type === "ping") {
      return this.#say("{\"type\":\"ping\"}")
    }
    if (frame.type === "history_page") {
      // What was said twice has two answers.
      const asked = this.#unanswered.get(frame.id ?? "")
      const askedAt = this.#pagesAsked.get(frame.id ?? "")
      if (asked !== undefined && askedAt !== undefined) {
        this.pages.push({ askedAt, frame, asked: JSON.parse(asked) as PageSeen["asked"] })
      }
    }
    if ("id" in frame && frame.id !== undefined) this.#answered(frame.id, frame)
    if ("seq" in frame && "conversation" in frame && frame.type !== "message_accepted") {
      this.#seen.set(frame.conversation, Math.max(frame.seq, this.#seen.get(frame.conversation) ?? 0))
      // The last that it hears of a group is not an entry of its own any more.
      if (!this.isPlain && this.plan.confirms && !isFarewell(frame, this.user)) {
        this.#say(JSON.stringify({ type: "received", conversation: frame.conversation, up_to: frame.seq }))
      }
    }
  }

  /** Said again a little later, as the protocol asks for. */
  #pause(millis = 1_000): void {
    if (this.#isPausing) return
    this.#isPausing = true
    this.machine.postAfter(millis, () => {
      this.#isPausing = false
      this.#sayAgain()
    })
  }

  #sayAgain(): void {
    const [next] = this.#again
    if (next === undefined || this.#isPausing) return
    if (this.#isConnected) this.#say(this.#unanswered.get(next)!)
    else this.#pause()
  }

  #answered(id: string, frame: ServerFrame): void {
    if (frame.type === "error" && frame.temporary) {
      if (id === watching) return this.machine.postAfter(frame.retry_after_ms ?? 1_000, () => this.#watchAll())
      if (!this.#unanswered.has(id)) return
      this.#again.add(id)
      return this.#pause(frame.retry_after_ms)
    }
    if (this.#again.delete(id)) this.#sayAgain()
    const said = this.said.find((each) => each.id === id)
    if (frame.type === "message_accepted") {
      // What was said twice has two answers, and may be accepted the second time where it was refused at first.
      this.accepted.push(frame)
      if (said !== undefined && typeof said.answer !== "object") said.answer = frame
    }
    if (!this.#unanswered.delete(id)) return
    if (frame.type === "error" && said !== undefined) said.answer ??= "refused"
    if (frame.type === "invite") this.around.invited(frame)
    if (frame.type === "group_info" && this.#groupsAsked.delete(id)) this.around.founded(frame.group)
  }
}
