/** Sections 1 to 5: framing, pings and pongs, reserved bits, opcodes, fragmentation. */
import {
  binary,
  type Case,
  clean,
  type Dress,
  fails,
  message,
  ping,
  pong,
  protocolError,
  repeated,
  say,
  sized,
  text
} from "../case.ts"

const hello = "Hello, world!"

/** The chat has no binary messages. */
const noBinary = fails(1003)

const sizes = [[0], [125], [126], [127], [128], [65_535], [65_536], [65_536, 997]] as const

export const framing = (dress: Dress): ReadonlyArray<Case> =>
  sizes.flatMap(([length, chop], i): ReadonlyArray<Case> => {
    const options = chop === undefined ? {} : { chop }
    const payload = sized(dress, "*", length)
    return [
      { id: `1.1.${i + 1}`, steps: message(dress, [payload], options), heard: [dress.echo(payload)], ending: clean },
      {
        id: `1.2.${i + 1}`,
        steps: [say(binary, Buffer.alloc(length, 0xfe), options)],
        heard: [],
        ending: noBinary
      }
    ]
  })

const ponged = (id: string, payload: string, chop?: number): Case => ({
  id,
  steps: [say(ping, Buffer.from(payload, "latin1"), chop === undefined ? {} : { chop })],
  heard: [`pong:${payload}`],
  ending: clean
})

const tenPings = (id: string, options: { readonly chop?: number }): Case => {
  const payloads = Array.from({ length: 10 }, (_, i) => `payload-${i}`)
  return {
    id,
    steps: payloads.map((payload) => say(ping, payload, options)),
    heard: payloads.map((payload) => `pong:${payload}`),
    mayMissPongs: true,
    ending: clean
  }
}

const unsolicited = "unsolicited pong payload"

export const pings: ReadonlyArray<Case> = [
  ponged("2.1", ""),
  ponged("2.2", hello),
  ponged("2.3", "\x00\xff\xfe\xfd\xfc\xfb\x00\xff"),
  ponged("2.4", "\xfe".repeat(125)),
  { id: "2.5", steps: [say(ping, Buffer.alloc(126, 0xfe))], heard: [], ending: protocolError },
  ponged("2.6", "\xfe".repeat(125), 1),
  { id: "2.7", steps: [say(pong)], heard: [], ending: clean },
  { id: "2.8", steps: [say(pong, unsolicited)], heard: [], ending: clean },
  {
    id: "2.9",
    steps: [say(pong, unsolicited), say(ping, "ping payload")],
    heard: ["pong:ping payload"],
    ending: clean
  },
  tenPings("2.10", {}),
  tenPings("2.11", { chop: 1 })
]

/** A good message, something bad, and a ping that is not answered any more. */
const between = (
  id: string,
  dress: Dress,
  bad: ReturnType<typeof say>,
  options: { readonly chop?: number } = {}
): Case => ({
  id,
  steps: [...message(dress, [hello], options), bad, say(ping, "", options)],
  heard: [dress.echo(hello)],
  nonStrict: [],
  ending: protocolError
})

const badAtOnce = (id: string, ...steps: Case["steps"]): Case => ({ id, steps, heard: [], ending: protocolError })

export const reserved = (dress: Dress): ReadonlyArray<Case> => [
  badAtOnce("3.1", say(text, hello, { rsv: 1 })),
  between("3.2", dress, say(text, hello, { rsv: 2 })),
  // In frames of their own, as the suite's are that wait for each to be written.
  between("3.3", dress, say(text, hello, { rsv: 3, chop: 1_000 }), { chop: 1_000 }),
  between("3.4", dress, say(text, hello, { rsv: 4, chop: 1 }), { chop: 1 }),
  badAtOnce("3.5", say(binary, "\0\xff\xfe", { rsv: 5 })),
  badAtOnce("3.6", say(ping, hello, { rsv: 6 })),
  badAtOnce("3.7", say(0x8, "", { rsv: 7 }))
]

export const opcodes = (dress: Dress): ReadonlyArray<Case> =>
  [3, 11].flatMap((first, i) => [
    badAtOnce(`4.${i + 1}.1`, say(first)),
    badAtOnce(`4.${i + 1}.2`, say(first + 1, "reserved opcode payload")),
    between(`4.${i + 1}.3`, dress, say(first + 2)),
    between(`4.${i + 1}.4`, dress, say(first + 3, hello)),
    between(`4.${i + 1}.5`, dress, say(first + 4, hello, { chop: 1 }), { chop: 1 })
  ])

const two = ["fragment1", "fragment2"] as const

/** In one piece, each frame by itself, and each byte. */
const chops = [{}, { chop: 1_000 }, { chop: 1 }] as const

const nothingToContinue = (id: string, fin: boolean, chop: { readonly chop?: number }): Case =>
  badAtOnce(id, say(0, "non-continuation payload", { fin, ...chop }), say(text, hello, chop))

const withPings = (id: string, dress: Dress, chop: { readonly chop?: number }): Case => {
  const payloads = ["fragment1", "fragment2", "fragment3", "fragment4", "fragment5"]
  const [first, second, third, fourth, last] = message(dress, payloads, chop)
  return {
    id,
    steps: [
      first!,
      second!,
      // It is answered before the message is whole.
      say(ping, "pongme 1!", { ...chop, until: 1 }),
      third!,
      fourth!,
      say(ping, "pongme 2!", chop),
      last!
    ],
    heard: ["pong:pongme 1!", "pong:pongme 2!", dress.echo(payloads.join(""))],
    ending: clean
  }
}

/** Something to continue from nowhere, and a message in two frames; twice. */
const twice = (id: string, fin: boolean): Case => {
  const once = [
    say(0, "fragment1", { fin }),
    say(text, "fragment2", { fin: false }),
    say(0, "fragment3")
  ]
  return badAtOnce(id, ...once, ...once)
}

export const fragmentation = (dress: Dress): ReadonlyArray<Case> => {
  const echo = dress.echo(two.join(""))
  return [
    badAtOnce("5.1", say(ping, two[0], { fin: false }), say(0, two[1])),
    badAtOnce("5.2", say(pong, two[0], { fin: false }), say(0, two[1])),
    ...chops.map((chop, i): Case => ({
      id: `5.${3 + i}`,
      steps: message(dress, two, chop),
      heard: [echo],
      ending: clean
    })),
    ...chops.map((chop, i): Case => {
      const [first, last] = message(dress, two, chop)
      return {
        id: `5.${6 + i}`,
        steps: [first!, say(ping, "ping payload", chop), last!],
        heard: ["pong:ping payload", echo],
        ending: clean
      }
    }),
    ...chops.map((chop, i) => nothingToContinue(`5.${9 + i}`, true, chop)),
    ...chops.map((chop, i) => nothingToContinue(`5.${12 + i}`, false, chop)),
    {
      id: "5.15",
      steps: [...message(dress, two), say(0, "fragment3", { fin: false }), say(text, "fragment4")],
      heard: [echo],
      nonStrict: [],
      ending: protocolError
    },
    twice("5.16", false),
    twice("5.17", true),
    badAtOnce("5.18", say(text, two[0], { fin: false }), say(text, two[1])),
    withPings("5.19", dress, {}),
    withPings("5.20", dress, { chop: 1_000 })
  ]
}

/** 10.1.1: what a client cuts into frames of 1,300 bytes by itself. */
export const autoFragments = (dress: Dress, cut: (payload: string) => ReadonlyArray<Buffer>): ReadonlyArray<Case> => {
  const payload = dress.name === "bare" ? repeated("*", 65_536) : sized(dress, "*", 65_536)
  return [{ id: "10.1.1", steps: message(dress, cut(payload)), heard: [dress.echo(payload)], ending: clean }]
}
