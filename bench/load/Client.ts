/** A WebSocket client that costs next to nothing: a raw socket, frames made in advance, a parser that looks for types. */
import { connect, type Socket } from "node:net"
import type { Dialect } from "../servers.ts"
import * as xmpp from "./xmpp.ts"

// Not zero: servers skip the unmasking of a zero mask, which no real client sends.
const mask = 0x5a

/** A masked text frame. */
export const frame = (text: string): Buffer => {
  const payload = Buffer.from(text)
  for (let i = 0; i < payload.length; i++) payload[i]! ^= mask
  const header = payload.length < 126
    ? Buffer.from([0x81, 0x80 | payload.length, mask, mask, mask, mask])
    : Buffer.from([0x81, 0xfe, payload.length >> 8, payload.length & 0xff, mask, mask, mask, mask])
  return Buffer.concat([header, payload])
}

/** The subprotocol that a dialect asks for. */
const subprotocols: Partial<Record<Dialect, string>> = { v1: "switchboard.v1", xmpp: "xmpp" }

/** What is in the frame of a message that was delivered, and in no other. */
export const deliveryMark = (dialect: Dialect): string => dialect === "xmpp" ? "<body>" : "incoming_message"

export interface ClientOptions {
  readonly port: number
  readonly user: string
  readonly dialect: Dialect
  readonly localAddress?: string
  /** A text frame came: its payload, valid only during the call. */
  readonly onText?: (client: Client, payload: Buffer) => void
}

export class Client {
  readonly options: ClientOptions
  readonly socket: Socket
  #open = false
  #rest: Buffer | undefined
  #resolve: (() => void) | undefined

  constructor(options: ClientOptions) {
    this.options = options
    const { dialect, localAddress, port, user } = options
    this.socket = connect({ port, host: "127.0.0.1", ...(localAddress === undefined ? {} : { localAddress }) })
    this.socket.setNoDelay(true)
    this.socket.on("error", () => {})
    this.socket.on("data", (data: Buffer) => this.#data(data))
    const subprotocol = subprotocols[dialect]
    const path = dialect === "socket.io" ? "/socket.io/?EIO=4&transport=websocket" : "/ws"
    this.socket.write(
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nPhone-Number: ${user}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
        (subprotocol === undefined ? "\r\n" : `Sec-WebSocket-Protocol: ${subprotocol}\r\n\r\n`)
    )
  }

  /** Resolves when the server has greeted, so that messages reach this client from then on. */
  ready(): Promise<this> {
    return new Promise((resolve) => {
      this.#resolve = () => resolve(this)
    })
  }

  /** What to send to have `text` delivered to `recipient`. */
  message(recipient: string, text: string, id?: string): Buffer {
    if (this.options.dialect === "xmpp") return frame(xmpp.message(recipient, text, id))
    return this.options.dialect === "socket.io"
      ? frame(`42["chat_message",${JSON.stringify({ recipient, text })}]`)
      : frame(JSON.stringify({ type: "chat_message", ...(id === undefined ? {} : { id }), recipient, text }))
  }

  /** What to send to have `text` delivered to everybody in the group. */
  groupMessage(group: string, text: string): Buffer {
    return this.options.dialect === "socket.io"
      ? frame(`42["group_message",${JSON.stringify({ text })}]`)
      : frame(JSON.stringify({ type: "chat_message", group, text }))
  }

  close(): void {
    if (this.options.dialect === "xmpp") this.socket.write(frame(xmpp.close))
    this.socket.end(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]))
  }

  #data(chunk: Buffer): void {
    let data = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk])
    this.#rest = undefined
    if (!this.#open) {
      const end = data.indexOf("\r\n\r\n")
      if (end < 0) {
        this.#rest = data
        return
      }
      this.#open = true
      data = data.subarray(end + 4)
      if (this.options.dialect === "plain") this.#resolve?.()
      if (this.options.dialect === "xmpp") this.socket.write(frame(xmpp.open))
    }
    let at = 0
    while (at + 2 <= data.length) {
      let length = data[at + 1]! & 0x7f
      let start = at + 2
      if (length === 126) {
        if (at + 4 > data.length) break
        length = data.readUInt16BE(at + 2)
        start = at + 4
      } else if (length === 127) {
        if (at + 10 > data.length) break
        length = Number(data.readBigUInt64BE(at + 2))
        start = at + 10
      }
      if (start + length > data.length) break
      const opcode = data[at]! & 0x0f
      if (opcode === 1) this.#text(data.subarray(start, start + length))
      else if (opcode === 9) this.socket.write(Buffer.from([0x8a, 0x80, 0, 0, 0, 0]))
      at = start + length
    }
    if (at < data.length) this.#rest = data.subarray(at)
  }

  #text(payload: Buffer): void {
    if (this.options.dialect === "socket.io" && payload.length > 0 && payload[0] !== 0x34) {
      // Engine.IO: `0` opens and wants the namespace connected, `2` is a ping.
      if (payload[0] === 0x30) this.socket.write(frame("40"))
      else if (payload[0] === 0x32) this.socket.write(frame("3"))
      return
    }
    if (this.#resolve !== undefined && this.options.dialect === "xmpp") {
      const step = xmpp.loginStep(payload.toString(), this.options.user)
      if (step !== "in") {
        if (step !== undefined) this.socket.write(frame(step))
        return
      }
    }
    if (this.#resolve !== undefined && this.options.dialect !== "plain") {
      this.#resolve()
      this.#resolve = undefined
      return
    }
    this.options.onText?.(this, payload)
  }
}

/** Opens many clients, a few at a time. */
export const openAll = async (all: ReadonlyArray<() => Client>, atOnce = 50): Promise<ReadonlyArray<Client>> => {
  const clients: Array<Client> = []
  for (let i = 0; i < all.length; i += atOnce) {
    clients.push(...await Promise.all(all.slice(i, i + atOnce).map((open) => open().ready())))
  }
  return clients
}
