/**
 * Messages as payloads of NOTIFY, which are short: several small ones go into one, and a long one is cut into parts and put
 * together again. A payload is `sender.number|` and what it holds, each as its length, a mark and the text. So no two are
 * alike, and Postgres, which tells equal ones of a transaction once, tells all of them.
 */
import { randomBytes } from "node:crypto"
import { maxMessageBytes } from "./Bus.ts"
import type { Waiting } from "./Waiting.ts"

/** NOTIFY takes less than 8,000. */
export const maxPayloadBytes = 7_500

/** After as many a statement takes nothing new: 32 are 240 KB, and one long message more. */
export const maxPayloads = 32

/** A length of a payload in base 36, and the mark. */
const maxItemHead = 4

const whole = "="
const first = "<"
const further = "+"
const last = ">"
const probe = "?"

const itemOf = (mark: string, text: string): string => `${text.length.toString(36)}${mark}${text}`

/** The end of the character that begins before `end`. */
const cutAt = (bytes: Buffer, end: number): number => {
  if (end >= bytes.length) return bytes.length
  let at = end
  while ((bytes[at]! & 0xc0) === 0x80) at--
  return at
}

/** One for every line: who hears it takes nothing of another line for the rest of what was cut. */
export class Packer {
  readonly #sender = randomBytes(6).toString("base64url")
  #number = 0
  #payloads: Array<string> = []
  #payload = ""
  #bytes = 0
  #isEmpty = true

  /** What one statement says of what waits, and the probe if there is one. */
  pack(waiting: Waiting, probeId?: string): ReadonlyArray<string> {
    this.#payloads = []
    this.#begin()
    if (probeId !== undefined) this.#add(probe, probeId, probeId.length)
    while (this.#payloads.length < maxPayloads) {
      const message = waiting.take()
      if (message === undefined) break
      if (message.bytes + maxItemHead > this.#room && !this.#isEmpty) this.#begin()
      if (message.bytes + maxItemHead > this.#room) this.#cut(Buffer.from(message.text))
      else this.#add(whole, message.text, message.bytes)
    }
    this.#begin()
    return this.#payloads
  }

  get #room(): number {
    return maxPayloadBytes - this.#bytes
  }

  #begin(): void {
    if (!this.#isEmpty) this.#payloads.push(this.#payload)
    this.#payload = `${this.#sender}.${(this.#number++).toString(36)}|`
    this.#bytes = this.#payload.length
    this.#isEmpty = true
  }

  #add(mark: string, text: string, bytes: number): void {
    this.#payload += itemOf(mark, text)
    this.#bytes += bytes + maxItemHead
    this.#isEmpty = false
  }

  /** Each part but the last has a payload of its own. */
  #cut(bytes: Buffer): void {
    for (let from = 0; from < bytes.length;) {
      const to = cutAt(bytes, from + this.#room - maxItemHead)
      const mark = from === 0 ? first : to === bytes.length ? last : further
      this.#add(mark, bytes.toString("utf8", from, to), to - from)
      if (mark !== last) this.#begin()
      from = to
    }
  }
}

interface Incomplete {
  readonly parts: Array<string>
  length: number
  /** Of the payload that has its next part. */
  next: number
  looks: number
}

/** How many senders may be in the middle of a message. Past it the one is given up that began first. */
const maxIncomplete = 32
/** How long the rest may be on its way, in looks, one a second. */
const maxLooks = 10

const headerPattern = /^([\w-]{1,16})\.([0-9a-z]{1,8})\|/
const itemPattern = /([0-9a-z]{1,3})([=<+>?])/y

export interface Heard {
  readonly message: (text: string) => void
  readonly probe: (id: string) => void
}

/** Reads payloads, whoever wrote them: it takes what it understands and never throws. */
export class Joiner {
  readonly #heard: Heard
  readonly #incomplete = new Map<string, Incomplete>()

  constructor(heard: Heard) {
    this.#heard = heard
  }

  read(payload: string): void {
    const header = headerPattern.exec(payload)
    if (header === null) return
    const number = Number.parseInt(header[2]!, 36)
    for (let at = header[0].length; at < payload.length;) {
      itemPattern.lastIndex = at
      const item = itemPattern.exec(payload)
      if (item === null) return
      const from = at + item[0].length
      at = from + Number.parseInt(item[1]!, 36)
      if (at > payload.length) return
      this.#item(header[1]!, number, item[2]!, payload.slice(from, at))
    }
  }

  /** Called once a second. */
  look(): void {
    for (const [sender, incomplete] of this.#incomplete) {
      if (++incomplete.looks > maxLooks) this.#incomplete.delete(sender)
    }
  }

  /** The lines that there were are gone. */
  clear(): void {
    this.#incomplete.clear()
  }

  #item(sender: string, number: number, mark: string, text: string): void {
    switch (mark) {
      case whole:
        return this.#heard.message(text)
      case probe:
        return this.#heard.probe(text)
      case first:
        this.#incomplete.delete(sender)
        if (this.#incomplete.size >= maxIncomplete) {
          for (const oldest of this.#incomplete.keys()) {
            this.#incomplete.delete(oldest)
            break
          }
        }
        this.#incomplete.set(sender, { parts: [text], length: text.length, next: number + 1, looks: 0 })
        return
      case further:
      case last:
        return this.#part(sender, number, mark, text)
    }
  }

  #part(sender: string, number: number, mark: string, text: string): void {
    const incomplete = this.#incomplete.get(sender)
    if (incomplete === undefined) return
    incomplete.length += text.length
    if (number !== incomplete.next || incomplete.length > maxMessageBytes) {
      this.#incomplete.delete(sender)
      return
    }
    incomplete.parts.push(text)
    incomplete.next++
    if (mark === further) return
    this.#incomplete.delete(sender)
    this.#heard.message(incomplete.parts.join(""))
  }
}
