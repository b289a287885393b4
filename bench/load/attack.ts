/** One hostile client for `bench/hostile.ts`: port and attack are its arguments. Ends by itself after half a minute. */
import { connect, type Socket } from "node:net"
import { frame } from "./Client.ts"
import { neighbours } from "./neighbours.ts"

const port = Number(process.argv[2])
setTimeout(() => process.exit(0), 30_000)

const handshake = (user: string) =>
  `GET /ws HTTP/1.1\r\nHost: localhost\r\nPhone-Number: ${user}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

const raw = (opcode: number, text: string): Buffer => {
  const bytes = frame(text)
  bytes[0] = opcode
  return bytes
}

const many = (bytes: Buffer, times: number) => Buffer.concat(Array.from({ length: times }, () => bytes))

const open = (first: string, then: (socket: Socket) => void, again: () => void): void => {
  const socket = connect(port, "127.0.0.1")
  socket.on("error", () => {})
  socket.once("data", () => then(socket))
  socket.on("close", () => setImmediate(again))
  socket.write(first)
}

/** Says `bytes` for as long as the server listens, and comes back when it does not. */
const pump = (user: string, bytes: Buffer): void =>
  open(handshake(user), (socket) => {
    socket.on("data", () => {})
    const go = (): void => {
      if (socket.destroyed) return
      if (socket.write(bytes)) setImmediate(go)
      else socket.once("drain", go)
    }
    go()
  }, () => pump(user, bytes))

/** Says one frame after the other, as fast as the limits allow and no faster. */
const paced = (user: string, perSecond: number, frames: (i: number) => Buffer): void =>
  open(handshake(user), (socket) => {
    socket.on("data", () => {})
    let i = 0
    setInterval(() => {
      for (let k = 0; k < perSecond / 20; k++) if (!socket.destroyed) socket.write(frames(i++))
    }, 50)
  }, () => {})

/** As many connections after one another as can be, twenty at a time. */
const cycle = (first: (i: number) => string): void => {
  let i = 0
  const next = (): void => open(first(i++), (socket) => socket.destroy(), next)
  for (let k = 0; k < 20; k++) next()
}

const say = (value: object) => frame(JSON.stringify(value))

/** Says something as often as the limits allow, on two connections, whatever comes back. */
const withinLimits = (perSecond: number, next: (i: number) => Buffer, user = "evil"): void => {
  let i = 0
  for (let k = 0; k < 2; k++) {
    const again = (): void =>
      open(handshake(user), (socket) => {
        socket.on("data", () => {})
        const timer = setInterval(() => {
          for (let n = 0; n < perSecond / 100; n++) if (socket.writableLength < 1_048_576) socket.write(next(i++))
        }, 10)
        socket.on("close", () => clearInterval(timer))
      }, again)
    again()
  }
}

const names = (count: number) => Array.from({ length: count }, (_, i) => `user${i}`)

/** In a group of one's own, with its name. Of somebody who has no other: what may be made in an hour is bounded. */
const inOwnGroup = (user: string, size: number, go: (group: string) => void): void =>
  open(
    handshake(user),
    (socket) => {
      let text = ""
      const read = (data: Buffer) => {
        text += data.toString("latin1")
        const group = /"group":"([^"]+)"/.exec(text)?.[1]
        if (group === undefined) return
        socket.off("data", read)
        socket.on("data", () => {})
        go(group)
      }
      socket.on("data", read)
      socket.write(say({ type: "create_group", name: "large", members: names(size) }))
    },
    () => {}
  )

/** About groups: large ones, and ones that are not there. */
const groupAttacks: Record<string, () => void> = {
  groupinfo: () =>
    inOwnGroup("evil-groupinfo", 1_000, (group) => {
      withinLimits(450, () => say({ type: "group_info", group }), "evil-groupinfo")
    }),
  /** Into one's own as many as it holds, and then more; into others, which are not there. */
  addmembers: () =>
    inOwnGroup("evil-addmembers", 200, (own) => {
      const add = (i: number) => ({ group: i % 2 === 0 ? own : `none${i}`, members: [`guest${i}`] })
      withinLimits(450, (i) => say({ type: "add_members", ...add(i) }), "evil-addmembers")
    }),
  unknowninfo: () => withinLimits(450, (i) => say({ type: "group_info", group: `none${i}` })),
  creategroup: () => withinLimits(450, () => say({ type: "create_group", name: "large", members: names(1_000) })),
  nogroups: () => {
    withinLimits(400, (i) => say({ type: "chat_message", group: `none${i}`, text: "x" }), "evil1")
    withinLimits(400, (i) => say({ type: "chat_message", group: `nobody${i}`, text: "x" }), "evil2")
  }
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`

/** Says `bytes` whenever something was answered, on as many connections. */
const repeat = (connections: number, bytes: string): void => {
  const next = (): void =>
    open(bytes, (socket) => {
      socket.on("data", () => socket.writableLength === 0 && socket.write(bytes))
    }, next)
  for (let i = 0; i < connections; i++) next()
}

/** Without credentials, over HTTP. */
const edge: Record<string, () => void> = {
  pipeline: () => repeat(20, get("/v1/info").repeat(20)),
  docs: () => repeat(20, get("/docs").repeat(20)),
  bodies: () => {
    const head = "POST /v1/tickets HTTP/1.1\r\nHost: localhost\r\nPhone-Number: evil\r\n" +
      "Content-Type: application/json\r\nContent-Length: 4000000000\r\n\r\n\""
    const body = Buffer.alloc(65_536, "x")
    const next = (): void => {
      const socket = connect(port, "127.0.0.1")
      socket.on("error", () => {})
      socket.on("data", () => {})
      socket.on("close", () => setImmediate(next))
      const go = (): void => {
        if (socket.destroyed) return
        if (socket.write(body)) setImmediate(go)
        else socket.once("drain", go)
      }
      socket.write(head, go)
    }
    for (let i = 0; i < 4; i++) next()
  },
  upgrades: () => {
    const first = "GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    for (let i = 0; i < 400; i++) {
      const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true })
      socket.on("error", () => {})
      socket.resume()
      socket.write(first)
    }
  },
  knock: () => {
    const knockAtDoor = (): void => {
      const socket = connect({ port, host: "127.0.0.1", localAddress: "127.0.0.2" })
      socket.on("error", () => {})
      socket.once("data", () => socket.destroy())
      socket.setTimeout(1_000, () => socket.destroy())
      socket.write(handshake("not a user"))
    }
    setInterval(() => {
      for (let i = 0; i < 30; i++) knockAtDoor()
    }, 10)
  }
}

/** Both ways to confirm, of conversations that are not there, a different one each. */
const unknown = (type: string) =>
  Buffer.concat(
    Array.from({ length: 2_000 }, (_, i) => say({ type, conversation: `dm:evil:nobody${i}`, up_to: 1 }))
  )

/** Two connections of one user, so that the limit of the user counts. */
const confirming = (type: string) => {
  for (let i = 0; i < 2; i++) pump("evil", unknown(type))
}

const attacks: Record<string, () => void> = {
  ...groupAttacks,
  confirm: () => confirming("received"),
  read: () => confirming("read"),
  /** All that somebody is told is received and read, each by itself, on two connections. */
  receipts: () => {
    const first = handshake("evil-reader").replace("\r\n\r\n", "\r\nSec-WebSocket-Protocol: switchboard.v1\r\n\r\n")
    const conversation = "dm:evil-reader:evil-writer"
    const again = (): void =>
      open(first, (socket) => {
        socket.on("data", (data: Buffer) => {
          for (const [, seq] of data.toString("latin1").matchAll(/"incoming_message".*?"seq":(\d+)/g)) {
            for (const type of ["received", "read"]) socket.write(say({ type, conversation, up_to: Number(seq) }))
          }
        })
      }, again)
    again()
    again()
    withinLimits(200, () => say({ type: "chat_message", recipient: "evil-reader", text: "x" }), "evil-writer")
  },
  members: () => {
    const members = Array.from({ length: 1_000 }, (_, i) => `user${i}`)
    pump("evil", many(say({ type: "create_group", name: "x", members }), 5))
  },
  flood: () => pump("evil", many(say({ type: "chat_message", recipient: "victim", text: "x".repeat(20) }), 100)),
  invalid: () => pump("evil", many(say({ type: "nonsense" }), 100)),
  pings: () => pump("evil", many(raw(0x89, "x"), 1_000)),
  pongs: () => pump("evil", many(raw(0x8a, "x"), 1_000)),
  fragments: () => pump("evil", Buffer.concat([raw(0x01, "{"), many(raw(0x00, " "), 9_998), raw(0x80, "}")])),
  big: () => pump("evil", say({ type: "chat_message", recipient: "victim", text: "x".repeat(16_000) })),
  history: () => pump("evil", many(say({ type: "history", recipient: "victim", after: 0, limit: 100 }), 50)),
  groups: () => pump("evil", many(say({ type: "chat_message", group: "not-there", text: "x" }), 50)),
  presence: () =>
    pump("evil", say({ type: "subscribe_presence", users: Array.from({ length: 500 }, (_, i) => `user${i}`) })),
  typing: () => pump("evil", many(say({ type: "typing", recipient: "honest-bob", active: true }), 100)),
  cycle: () => cycle((i) => handshake(`user${i % 1_000}`)),
  // Somebody with a hundred thousand conversations (see much.ts), who asks for them, waits for an answer and leaves.
  returning: () => {
    const list = say({ type: "conversations", limit: 100 })
    const next = (): void =>
      open(handshake("evil-much"), (socket) => {
        socket.once("data", () => socket.destroy())
        socket.write(list)
      }, next)
    for (let k = 0; k < 20; k++) next()
  },
  refused: () => cycle(() => handshake("not a user")),
  tickets: () =>
    cycle(() =>
      "POST /v1/tickets HTTP/1.1\r\nHost: localhost\r\nPhone-Number: evil\r\nContent-Type: application/json\r\n" +
      "Content-Length: 2\r\n\r\n{}"
    ),
  ...edge,
  halfopen: () => {
    const sockets: Array<Socket> = []
    const go = (): void => {
      const socket = connect(port, "127.0.0.1")
      socket.on("error", () => {})
      socket.write("GET /ws HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
      sockets.push(socket)
      if (sockets.length < 5_000) setImmediate(go)
      else setInterval(() => sockets.forEach((each) => each.writable && each.write("x")), 500)
    }
    go()
  }
}

// Blocks and presence: what costs the asker little and the server much.
Object.assign(attacks, {
  /** Of one name, on two connections, as often as their price allows. */
  blocks: () => {
    const frames = ["block", "unblock"].map((type) => say({ type, user: "victim" }))
    for (let k = 0; k < 2; k++) paced("evil", 40, (i) => frames[i % 2]!)
  },
  /** By somebody with 10,000 conversations: words that all of them have, that none has, and letters. */
  searches: () => {
    const words = ["hello", "hell", "h", "absent", "hello absent", "\"hello hello\"", "z", "1", "a b c d e f g h"]
    withinLimits(400, (i) => say({ type: "search", query: words[i % words.length], limit: 100 }), "busy-evil")
  },
  /** By somebody with 10,000 conversations, of people who are in none of them. */
  strangers: () => {
    const ask = (type: string) => say({ type, users: Array.from({ length: 450 }, (_, i) => `stranger${i}`) })
    const frames = [ask("subscribe_presence"), ask("unsubscribe_presence")]
    for (let k = 0; k < 2; k++) paced("busy-evil", 20, (i) => frames[i % 2]!)
  }
})

Object.assign(attacks, neighbours({ port, handshake, open, paced }))

attacks[process.argv[3] ?? ""]!()
