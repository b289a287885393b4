/**
 * Who may write to the bus's channel cannot speak as one of us: a message is its code of authentication (HMAC-SHA256 under
 * the cluster's key, in base64) and after it the JSON that it vouches for. Nothing is parsed before that is checked.
 */
import { Redacted, Result } from "effect"
import { createHmac, createSecretKey, type KeyObject, randomBytes, timingSafeEqual } from "node:crypto"
import { maxMessageBytes } from "./Bus.ts"
import { ReplayWindow } from "./ReplayWindow.ts"

const version = 1

/** Of 32 bytes, in base64. */
const codeLength = 44

/** Runs of servers whose numbers are known. Overflow policy: the one that was heard first is forgotten. */
const maxSenders = 256

export type Refusal =
  | "too_long"
  /** Of another key, or changed, or no message of ours at all. */
  | "forged"
  /** Of a server of another version; what it says stands in the journal too. */
  | "version"
  /** It has the key, and is not what it should be. */
  | "malformed"
  /** It was heard before, or is so late that it may have been. */
  | "repeated"

export interface Opened {
  /** The server that says it. */
  readonly from: string
  readonly body: { readonly [key: string]: unknown }
}

const isRecord = (u: unknown): u is { readonly [key: string]: unknown } =>
  typeof u === "object" && u !== null && !Array.isArray(u)

const isNumber = (u: unknown): u is number => Number.isSafeInteger(u) && (u as number) > 0

export class Envelope {
  readonly #key: KeyObject
  readonly #node: string
  /** A server that was started again counts from 1 under another name. */
  readonly #run = randomBytes(9).toString("base64url")
  #number = 0
  readonly #windows = new Map<string, ReplayWindow>()
  readonly #refused: Record<Refusal, number> = { too_long: 0, forged: 0, version: 0, malformed: 0, repeated: 0 }

  constructor({ key, node }: { readonly key: Redacted.Redacted<Uint8Array>; readonly node: string }) {
    this.#key = createSecretKey(Redacted.value(key))
    this.#node = node
  }

  /** How many of what was heard were refused, and why. */
  get refused(): Readonly<Record<Refusal, number>> {
    return this.#refused
  }

  /** For who finds more in it that is wrong. */
  refuse(reason: Refusal): Refusal {
    this.#refused[reason]++
    return reason
  }

  /** `body` is plain JSON. */
  seal(body: { readonly [key: string]: unknown }): string {
    const text = JSON.stringify({ v: version, f: this.#node, r: this.#run, s: ++this.#number, ...body })
    return this.#code(text) + text
  }

  /** Whatever the text is, this does not throw. What it refuses is counted; one's own is not refused. */
  open(text: string): Opened | Refusal | "own" {
    if (text.length > maxMessageBytes) return this.refuse("too_long")
    const said = text.slice(codeLength)
    if (!this.#isOurs(text.slice(0, codeLength), said)) return this.refuse("forged")
    const parsed = Result.try(() => JSON.parse(said) as unknown)
    const body = Result.isSuccess(parsed) ? parsed.success : undefined
    if (!isRecord(body)) return this.refuse("malformed")
    const { f: from, r: run, s: number, v } = body
    if (v !== version) return this.refuse("version")
    if (typeof from !== "string" || typeof run !== "string" || !isNumber(number)) return this.refuse("malformed")
    if (run === this.#run) return "own"
    return this.#accept(run, number) ? { from, body } : this.refuse("repeated")
  }

  #code(text: string): string {
    return createHmac("sha256", this.#key).update(text).digest("base64")
  }

  #isOurs(code: string, text: string): boolean {
    const given = Buffer.from(code, "latin1")
    return given.length === codeLength && timingSafeEqual(given, Buffer.from(this.#code(text), "latin1"))
  }

  #accept(run: string, number: number): boolean {
    let window = this.#windows.get(run)
    if (window === undefined) {
      if (this.#windows.size >= maxSenders) {
        for (const oldest of this.#windows.keys()) {
          this.#windows.delete(oldest)
          break
        }
      }
      window = new ReplayWindow(number)
      this.#windows.set(run, window)
    }
    return window.accept(number)
  }
}
