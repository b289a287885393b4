/** Those who hear, in the model: devices that hop from server to server, and what they must and must not hear. */
import type { ConversationId, UserId } from "../../../src/domain/Ids.ts"
import { conversations, group, type Logged, type ModelStore } from "./modelStore.ts"

export class Violation extends Error {}

/** What a device of a user has seen and confirmed, on whatever server. */
export class Device {
  readonly user: UserId
  readonly name: string
  readonly #store: ModelStore
  /** The last that it has of each conversation. */
  readonly #seen = new Map<ConversationId, number>()
  readonly #confirmed = new Map<ConversationId, number>()
  /** What came more than once. */
  again = 0

  constructor(user: UserId, index: number, store: ModelStore) {
    this.user = user
    this.name = `${user}${index}`
    this.#store = store
  }

  receive(item: Pick<Logged, "conversation" | "seq">): void {
    const { conversation, seq } = item
    const seen = this.#seen.get(conversation) ?? 0
    if (conversation === group && !this.#mayHear(seq)) throw new Violation(`leak: ${this.name} hears ${seq}`)
    if (seq <= seen) {
      this.again++
      return
    }
    for (let missing = seen + 1; missing < seq; missing++) {
      if (this.#mustHear(conversation, missing)) {
        throw new Violation(`gap: ${this.name} ${conversation} ${seen} -> ${seq}`)
      }
    }
    this.#seen.set(conversation, seq)
  }

  farewell(seq: number): void {
    this.#seen.set(group, Math.max(seq, this.#seen.get(group) ?? 0))
  }

  confirm(): void {
    for (const [conversation, seq] of this.#seen) this.#confirmed.set(conversation, seq)
  }

  /** Where a pass over the store begins. */
  received(conversation: ConversationId): number {
    return Math.max(this.#confirmed.get(conversation) ?? 0, this.#store.joined(this.user, conversation) - 1)
  }

  /** When all is over. */
  check(): void {
    for (const conversation of conversations) {
      const seen = this.#seen.get(conversation) ?? 0
      for (let seq = seen + 1; seq <= this.#store.head(conversation); seq++) {
        if (this.#mustHear(conversation, seq)) {
          throw new Violation(`lost: ${this.name} ${conversation} has ${seen} and not ${seq}`)
        }
      }
    }
  }

  #mayHear(seq: number): boolean {
    return this.#store.spans.get(this.user)!.some(({ from, to }) => from <= seq && seq <= to)
  }

  /** Of the group, what was said since they are in; whoever has been taken out has lost the rest. */
  #mustHear(conversation: ConversationId, seq: number): boolean {
    if (!this.#store.isIn(this.user, conversation)) return false
    if (seq < this.#store.joined(this.user, conversation)) return false
    // Members are told to read what was written beside the journal, a little later.
    return !this.#store.logs.get(conversation)![seq - 1]!.isOutside
  }
}

interface Pass {
  readonly behind: Array<{ readonly conversation: ConversationId; readonly head: number; position: number }>
  page: ReadonlyArray<Logged> | undefined
}

/** A connection, as `SendQueue` and `CatchUp` make it: while a pass over the store runs, what is live is held. */
export class Session {
  readonly device: Device
  readonly #store: ModelStore
  readonly #pageSize: number
  #held: Array<Pick<Logged, "conversation" | "seq">> | "overflowed" | undefined = []
  readonly #sent = new Map<ConversationId, number>()
  #hasLeft = false
  #pass: Pass | undefined

  constructor(device: Device, store: ModelStore, pageSize: number) {
    this.device = device
    this.#store = store
    this.#pageSize = pageSize
  }

  get isCatchingUp(): boolean {
    return this.#held !== undefined
  }

  push(item: Pick<Logged, "conversation" | "seq">): void {
    if (this.#held === "overflowed") return
    if (this.#held !== undefined) this.#held.push(item)
    else if (item.seq > (this.#sent.get(item.conversation) ?? 0)) this.device.receive(item)
  }

  pushRemoval(seq: number): void {
    if (this.#held !== undefined) {
      if ((this.#sent.get(group) ?? 0) >= seq) return
      this.#hasLeft = true
      if (this.#held !== "overflowed") {
        this.#held = this.#held.filter((each) => each.conversation !== group || each.seq > seq)
      }
    }
    this.device.farewell(seq)
  }

  /** From now on, what comes is held until the store has been read again. */
  readAgain(): void {
    this.#held = this.#held === undefined ? [] : "overflowed"
  }

  /** One read of the store, or what is done with it, while other things go on. */
  step(): void {
    if (this.#held === undefined) return
    const pass = this.#pass ??= this.#begin()
    if (pass.page !== undefined) return this.#send(pass, pass.page)
    const next = pass.behind[0]
    if (next === undefined) return this.#release()
    const { conversation, head, position } = next
    if (position >= head || !this.#takes(conversation) || !this.#store.isIn(this.device.user, conversation)) {
      pass.behind.shift()
      return
    }
    pass.page = this.#store.logs.get(conversation)!.slice(position, position + this.#pageSize)
  }

  #begin(): Pass {
    const behind = conversations.filter((id) => this.#store.isIn(this.device.user, id)).map((conversation) => ({
      conversation,
      head: this.#store.head(conversation),
      position: Math.max(this.device.received(conversation), this.#sent.get(conversation) ?? 0)
    }))
    return { behind, page: undefined }
  }

  #send(pass: Pass, page: ReadonlyArray<Logged>): void {
    pass.page = undefined
    const next = pass.behind[0]!
    for (const item of page) {
      if (item.seq > next.head || !this.#takes(item.conversation)) {
        pass.behind.shift()
        return
      }
      next.position = item.seq
      this.device.receive(item)
      this.#sent.set(item.conversation, item.seq)
    }
  }

  #takes(conversation: ConversationId): boolean {
    return conversation !== group || !this.#hasLeft
  }

  #release(): void {
    this.#pass = undefined
    const held = this.#held
    if (held === "overflowed" || this.#hasLeft) {
      if (held === "overflowed") this.#held = []
      this.#hasLeft = false
      return
    }
    this.#held = undefined
    for (const item of held ?? []) this.push(item)
  }
}
