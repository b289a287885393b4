/** Somebody who talks without a page. */
import { randomUUID } from "node:crypto"
import { WebSocket } from "ws"
import type { GroupInfo, IncomingMessage, ServerFrame } from "../../../src/domain/ServerFrame.ts"

export interface Raw {
  readonly user: string
  readonly say: (frame: object) => void
  /** Sends a frame and waits for what answers it. */
  readonly ask: (frame: object) => Promise<ServerFrame>
  /** To a user by name, or to a group. Answers the `seq`. */
  readonly tell: (to: string | { readonly group: string }, text: string, more?: object) => Promise<number>
  /** Answers what the file is called at the server. */
  readonly upload: (name: string, type: string, bytes: Uint8Array) => Promise<string>
  readonly makeGroup: (name: string, ...members: ReadonlyArray<string>) => Promise<GroupInfo>
  /** The first frame so far or to come that fits. */
  readonly until: (fits: (frame: ServerFrame) => boolean) => Promise<ServerFrame>
  readonly hears: (text: string) => Promise<IncomingMessage>
  readonly close: () => void
}

const patience = 10_000

export const connectRaw = async (url: string, user: string, headers: Record<string, string>): Promise<Raw> => {
  const ws = new WebSocket(`${url.replace("http", "ws")}ws`, ["switchboard.v1"], { headers })
  const seen: Array<ServerFrame> = []
  const listeners = new Set<(frame: ServerFrame) => void>()
  ws.on("message", (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as ServerFrame
    seen.push(frame)
    for (const listener of listeners) listener(frame)
  })
  const say = (frame: object) => ws.send(JSON.stringify(frame))
  const until: Raw["until"] = (fits) =>
    new Promise((resolve, reject) => {
      const found = seen.find(fits)
      if (found !== undefined) return resolve(found)
      const timer = setTimeout(() => reject(new Error(`${user} waited in vain; saw ${JSON.stringify(seen)}`)), patience)
      const listener = (frame: ServerFrame) => {
        if (!fits(frame)) return
        clearTimeout(timer)
        listeners.delete(listener)
        resolve(frame)
      }
      listeners.add(listener)
    })
  const ask = async (frame: object) => {
    const id = randomUUID()
    say({ ...frame, id })
    return until((answer) => "id" in answer && answer.id === id)
  }
  const must = async <T extends ServerFrame["type"]>(type: T, frame: object) => {
    const answer = await ask(frame)
    if (answer.type !== type) throw new Error(JSON.stringify(answer))
    return answer as Extract<ServerFrame, { readonly type: T }>
  }
  await until(({ type }) => type === "welcome")
  return {
    user,
    say,
    ask,
    until,
    tell: async (to, text, more) => {
      const target = typeof to === "string" ? { recipient: to } : { group: to.group }
      return (await must("message_accepted", { type: "chat_message", ...target, text, ...more })).seq
    },
    upload: async (name, type, bytes) => {
      const response = await fetch(`${url}v1/files?name=${encodeURIComponent(name)}`, {
        method: "POST",
        headers: { ...headers, "content-type": type },
        body: bytes as Uint8Array<ArrayBuffer>
      })
      if (response.status !== 201) throw new Error(await response.text())
      return ((await response.json()) as { readonly file: string }).file
    },
    makeGroup: (name, ...members) => must("group_info", { type: "create_group", name, members, history: "all" }),
    hears: async (text) =>
      await until((frame) => frame.type === "incoming_message" && frame.text === text) as IncomingMessage,
    close: () => ws.terminate()
  }
}
