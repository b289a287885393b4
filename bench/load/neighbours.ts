/**
 * What else a client may ask, as fast as its limits allow and no faster: people, own settings, groups that it manages,
 * files. Each is dear for its frame: it writes, or looks at much.
 */
import type { Socket } from "node:net"
import { connect } from "node:net"
import { frame } from "./Client.ts"

const say = (value: object) => frame(JSON.stringify(value))

export interface Means {
  readonly port: number
  readonly handshake: (user: string) => string
  /** Says `first`, and once something was answered hands over the socket; `again` when it is closed. */
  readonly open: (first: string, then: (socket: Socket) => void, again: () => void) => void
  /** As often as this, on one connection. */
  readonly paced: (user: string, perSecond: number, frames: (i: number) => Buffer) => void
}

const text = (length: number) => "x".repeat(length)

export const neighbours = ({ handshake, open, paced, port }: Means): Record<string, () => void> => {
  /** On two connections, so that the limit of the user counts. Each attack has a user of its own. */
  const twice = (user: string, perSecond: number, frames: (i: number) => Buffer): void => {
    for (let k = 0; k < 2; k++) paced(user, perSecond, frames)
  }

  /** In a group of their own, with its name. */
  const inGroup = (user: string, members: ReadonlyArray<string>, go: (group: string) => void): void =>
    open(
      handshake(user),
      (socket) => {
        let heard = ""
        const read = (data: Buffer) => {
          heard += data.toString("latin1")
          const group = /"group":"([^"]+)"/.exec(heard)?.[1]
          if (group === undefined) return
          socket.off("data", read)
          socket.on("data", () => {})
          go(group)
        }
        socket.on("data", read)
        socket.write(say({ type: "create_group", name: "large", members }))
      },
      () => {}
    )

  /** Requests with a body, one after the other on as many connections. */
  const post = (connections: number, bytes: Buffer): void => {
    const next = (): void => {
      const socket = connect(port, "127.0.0.1")
      socket.on("error", () => {})
      socket.on("close", () => setImmediate(next))
      socket.on("data", () => socket.writableLength === 0 && socket.write(bytes))
      socket.write(bytes)
    }
    for (let i = 0; i < connections; i++) next()
  }

  const uploadOf = (bytes: number) =>
    Buffer.concat([
      Buffer.from(
        `POST /v1/files?name=a.txt HTTP/1.1\r\nHost: localhost\r\nPhone-Number: evil\r\nContent-Length: ${bytes}\r\n\r\n`
      ),
      Buffer.alloc(bytes, "x")
    ])

  const users = Array.from({ length: 100 }, (_, i) => `user${i}`)
  const crowd = Array.from({ length: 200 }, (_, i) => `member${i}`)

  return {
    findusers: () =>
      twice("evil-findusers", 20, (i) => say({ type: "find_users", prefix: "abcdefghij"[i % 10]!, limit: 100 })),
    profiles: () => twice("evil-profiles", 60, () => say({ type: "profiles", users })),
    setprofile: () =>
      twice("evil-setprofile", 40, (i) => say({ type: "set_profile", name: `evil ${i}`, status: text(100) })),
    pushes: () =>
      twice("evil-pushes", 40, (i) =>
        say({
          type: "push_subscribe",
          subscription: {
            endpoint: `https://push.example.com/${i}/${text(900)}`,
            keys: {
              p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
              auth: "BTBZMqHH6r4Tts7J_aSIgg"
            }
          }
        })),
    reports: () =>
      twice("evil-reports", 40, (i) => say({ type: "report", recipient: "victim", seq: i + 1, reason: text(200) })),
    mutes: () => twice("evil-mutes", 40, (i) => say({ type: i % 2 === 0 ? "mute" : "unmute", recipient: "victim" })),
    joins: () => twice("evil-joins", 40, (i) => say({ type: "join", invite: `${i}`.padStart(22, "x") })),
    bans: () =>
      inGroup(
        "evil-bans",
        crowd,
        (group) =>
          twice("evil-bans", 40, (i) =>
            say({ type: i % 2 === 0 ? "ban_members" : "unban_members", group, members: crowd.slice(0, 100) }))
      ),
    invites: () =>
      inGroup(
        "evil-invites",
        crowd,
        (group) => twice("evil-invites", 40, (i) => say({ type: i % 2 === 0 ? "create_invite" : "invites", group }))
      ),
    /** Small files, as many as may come. */
    uploads: () => post(20, uploadOf(1_000)),
    /** Links that open nothing. */
    downloads: () =>
      post(
        20,
        Buffer.from(`GET /v1/files/${text(22)}/a.txt?e=99999999999&s=${text(43)} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
      )
  }
}
