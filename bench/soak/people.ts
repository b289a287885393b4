/**
 * Many people for hours: they talk in twos and in groups, read, search, look who is there, send files and fetch them, leave and
 * come back. So much a second and no more, so that what grows is the server's and not a queue before it.
 */
import { Client, frame } from "../load/Client.ts"
import type { RunningServer } from "../servers.ts"

/** A second, of all of them. */
export const rates = {
  direct: 40,
  group: 4,
  search: 2,
  presence: 4,
  history: 4,
  file: 0.5,
  reconnect: 4
} as const

const groupSize = 20
const fileBytes = 262_144
/** How often somebody says what they have read of each conversation. */
const confirmMillis = 5_000

interface Frame {
  readonly type: string
  readonly id?: string
  readonly conversation?: string
  readonly seq?: number
  readonly group?: string
  readonly code?: string
  readonly attachments?: ReadonlyArray<{ readonly url: string }>
  readonly conversations?: ReadonlyArray<{ readonly conversation: string; readonly head_seq: number }>
}

interface Person {
  readonly user: string
  client: Client | undefined
  /** What came and is not confirmed yet. */
  readonly unread: Map<string, number>
  /** When what has no answer yet was said, on this connection. */
  readonly sentAt: Map<string, number>
}

const words = "tea rain train ticket house garden bread window river letter green night".split(" ")
const some = <A>(all: ReadonlyArray<A>): A => all[Math.floor(Math.random() * all.length)]!
const sentence = () => Array.from({ length: 8 }, () => some(words)).join(" ")

export class People {
  readonly #server: RunningServer
  readonly #people: ReadonlyArray<Person>
  /** Of each group who has made it. */
  readonly #groups = new Map<string, Person>()
  readonly #links: Array<string> = []
  #timers: Array<NodeJS.Timeout> = []
  #lags: Array<number> = []
  #asked = 0
  #isOver = false
  readonly errors = new Map<string, number>()
  readonly counts = { accepted: 0, heard: 0, found: 0, pages: 0, reconnects: 0, uploads: 0, downloads: 0 }

  constructor(server: RunningServer, count: number) {
    this.#server = server
    this.#people = Array.from({ length: count }, (_, i) => ({
      user: `p${i}`,
      client: undefined,
      unread: new Map(),
      sentAt: new Map()
    }))
  }

  #error(what: string): void {
    this.errors.set(what, (this.errors.get(what) ?? 0) + 1)
  }

  #portOf(person: Person): number {
    const { nodes } = this.#server
    return nodes[Number(person.user.slice(1)) % nodes.length]!.port
  }

  #come(person: Person): Promise<Client> {
    const client = new Client({
      port: this.#portOf(person),
      user: person.user,
      dialect: "v1",
      onText: (_, payload) => this.#hear(person, JSON.parse(payload.toString()) as Frame)
    })
    person.client = client
    client.socket.on("close", () => {
      if (person.client === client && !this.#isOver) this.#error("closed by the server")
    })
    return client.ready()
  }

  #say(person: Person, message: object): void {
    if (person.client?.socket.writable === true) person.client.socket.write(frame(JSON.stringify(message)))
  }

  #hear(person: Person, message: Frame): void {
    const { conversation, seq, type } = message
    if (type === "incoming_message" && conversation !== undefined && seq !== undefined) {
      this.counts.heard++
      person.unread.set(conversation, seq)
      const url = message.attachments?.[0]?.url
      if (url !== undefined) this.#links.push(url)
    } else if (type === "message_accepted") {
      this.counts.accepted++
      const at = person.sentAt.get(message.id!)
      person.sentAt.delete(message.id!)
      if (at !== undefined) this.#lags.push(performance.now() - at)
    } else if (type === "group_info" && message.group !== undefined) this.#groups.set(message.group, person)
    else if (type === "search_result") this.counts.found++
    else if (type === "conversation_list") this.#read(person, message.conversations ?? [])
    else if (type === "history_page") this.counts.pages++
    else if (type === "error") this.#error(message.code!)
  }

  #id(person: Person): string {
    const id = `${this.#asked++}`
    person.sentAt.set(id, performance.now())
    return id
  }

  /** Everybody, a few at a time, and their groups. */
  async begin(): Promise<void> {
    for (let i = 0; i < this.#people.length; i += 25) {
      await Promise.all(this.#people.slice(i, i + 25).map((person) => this.#come(person)))
    }
    for (let i = 0; i + groupSize <= this.#people.length; i += groupSize) {
      const [first, ...others] = this.#people.slice(i, i + groupSize)
      this.#say(first!, {
        type: "create_group",
        id: `g${i}`,
        name: `group ${i}`,
        members: others.map(({ user }) => user)
      })
    }
    const each = (perSecond: number, what: () => void) => this.#timers.push(setInterval(what, 1_000 / perSecond))
    each(rates.direct, () => this.#direct())
    each(rates.group, () => this.#toGroup())
    each(rates.search, () => this.#say(some(this.#people), { type: "search", id: "search", query: some(words) }))
    each(rates.presence, () => {
      const [watcher, watched] = [some(this.#people), some(this.#people)]
      this.#say(watcher, { type: "subscribe_presence", users: [watched.user] })
      setTimeout(() => this.#say(watcher, { type: "unsubscribe_presence", users: [watched.user] }), 10_000)
    })
    each(rates.history, () => this.#say(some(this.#people), { type: "conversations", id: "list", limit: 20 }))
    each(rates.file, () => void this.#file().catch(() => this.#error("file")))
    each(rates.reconnect, () => void this.#comeBack(some(this.#people)).catch(() => this.#error("reconnect")))
    let turn = 0
    // Each in their turn, all of them within the time.
    each(this.#people.length * 1_000 / confirmMillis, () => this.#confirm(this.#people[turn++ % this.#people.length]!))
  }

  /** A page of one that they have, from anywhere in it. */
  #read(person: Person, conversations: NonNullable<Frame["conversations"]>): void {
    if (conversations.length === 0) return
    const { conversation, head_seq } = some(conversations)
    const before = 2 + Math.floor(Math.random() * head_seq)
    this.#say(person, { type: "history", id: "page", conversation, before, limit: 50 })
  }

  #partnerOf(person: Person): Person {
    return this.#people[(Number(person.user.slice(1)) ^ 1) % this.#people.length]!
  }

  #direct(): void {
    const person = some(this.#people)
    if (person.client?.socket.writable !== true) return
    const { user } = this.#partnerOf(person)
    this.#say(person, { type: "chat_message", id: this.#id(person), recipient: user, text: sentence() })
  }

  #toGroup(): void {
    if (this.#groups.size === 0) return
    const [group, person] = some(Array.from(this.#groups))
    if (person.client?.socket.writable !== true) return
    this.#say(person, { type: "chat_message", id: this.#id(person), group, text: sentence() })
  }

  #confirm(person: Person): void {
    for (const [conversation, up_to] of person.unread) this.#say(person, { type: "received", conversation, up_to })
    person.unread.clear()
  }

  async #comeBack(person: Person): Promise<void> {
    const { client } = person
    if (client === undefined) return
    person.client = undefined
    // Whoever goes before the answer does not get it.
    person.sentAt.clear()
    // Half of them say goodbye.
    if (Math.random() < 0.5) client.close()
    else client.socket.destroy()
    await this.#come(person)
    this.counts.reconnects++
  }

  async #file(): Promise<void> {
    const person = some(this.#people)
    const base = `http://127.0.0.1:${this.#portOf(person)}`
    const uploaded = await fetch(`${base}/v1/files?name=picture.bin`, {
      method: "POST",
      headers: { "phone-number": person.user },
      body: Buffer.alloc(fileBytes, sentence())
    })
    if (uploaded.status !== 201) return this.#error(`upload ${uploaded.status}`)
    const { file } = await uploaded.json() as { file: string }
    this.counts.uploads++
    const { user } = this.#partnerOf(person)
    if (person.client?.socket.writable !== true) return
    this.#say(person, {
      type: "chat_message",
      id: this.#id(person),
      recipient: user,
      text: "",
      attachments: [{ file }]
    })
    const link = this.#links.shift()
    if (link === undefined) return
    const downloaded = await fetch(`${base}${link}`)
    await downloaded.arrayBuffer()
    if (downloaded.status === 200) this.counts.downloads++
    else this.#error(`download ${downloaded.status}`)
  }

  /** From send to accepted, in milliseconds, since the last time. */
  latency(): { readonly p50: number; readonly p99: number } {
    const lags = this.#lags.sort((a, b) => a - b)
    this.#lags = []
    const at = (share: number) => lags[Math.min(lags.length - 1, Math.floor(share * lags.length))] ?? 0
    // What is never answered is not waited for for ever.
    for (const { sentAt } of this.#people) {
      for (const [id, at] of sentAt) {
        if (performance.now() - at < 60_000) continue
        sentAt.delete(id)
        this.#error("no answer")
      }
    }
    return { p50: at(0.5), p99: at(0.99) }
  }

  end(): void {
    this.#isOver = true
    for (const timer of this.#timers) clearInterval(timer)
    this.#timers = []
    for (const { client } of this.#people) client?.socket.destroy()
  }
}
