/** Section 7: how a connection is closed. */
import {
  type Case,
  clean,
  closeWith,
  type Dress,
  type Ending,
  fails,
  message,
  ping,
  repeated,
  say,
  text
} from "../case.ts"

const hello = "Hello World!"

/** The close frame is one of the steps, and is answered. */
const answered: Ending = { by: "us", isSent: true, codes: [1000] }

/** It is no good close frame: an error, or no answer at all. */
const refused = (...codes: ReadonlyArray<number>): Ending => ({ by: "us", isSent: true, codes, mayDrop: true })

const closes = (id: string, ending: Ending, ...steps: Case["steps"]): Case => ({ id, steps, heard: [], ending })

const notUtf8 = Buffer.from("cebae1bdb9cf83cebcceb5eda080656469746564", "hex")

const validCodes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]
const invalidCodes = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999]

export const closing = (dress: Dress): ReadonlyArray<Case> => [
  { id: "7.1.1", steps: message(dress, [hello]), heard: [dress.echo(hello)], ending: clean },
  closes("7.1.2", answered, closeWith(1000), closeWith(undefined)),
  closes("7.1.3", answered, closeWith(1000), say(ping)),
  closes("7.1.4", answered, closeWith(1000), ...message(dress, [hello])),
  closes("7.1.5", answered, say(text, "fragment1", { fin: false }), closeWith(1000), say(0, "fragment2")),
  closes("7.3.1", answered, closeWith(undefined)),
  closes("7.3.2", refused(1002), say(0x8, "a")),
  closes("7.3.3", answered, closeWith(1000)),
  closes("7.3.4", answered, closeWith(1000, hello)),
  closes("7.3.5", answered, closeWith(1000, "*".repeat(123))),
  closes("7.3.6", refused(1002), closeWith(1000, "*".repeat(124))),
  closes("7.5.1", refused(1002, 1007), closeWith(1000, notUtf8)),
  ...validCodes.map((code, i) => closes(`7.7.${i + 1}`, { ...answered, codes: [1000, code] }, closeWith(code))),
  ...invalidCodes.map((code, i) => closes(`7.9.${i + 1}`, refused(1002), closeWith(code)))
]

/** 7.1.6: much that has to be read before a close frame; where frames may be as long as that. */
export const closingAfterMuch = (dress: Dress): ReadonlyArray<Case> => {
  const much = repeated("BAsd7&jh23", 262_144)
  return [{
    id: "7.1.6",
    steps: [...message(dress, [much]), ...message(dress, [hello]), closeWith(1000), say(ping)],
    heard: [dress.echo(much), dress.echo(hello)],
    nonStrict: [],
    ending: answered
  }]
}

/** 7.13: the suite only notes what happens; here, the connection has to end. */
export const informational: ReadonlyArray<Case> = [5_000, 65_535].map((code, i) =>
  closes(`7.13.${i + 1}`, { ...refused(1002, code), mayDrop: true }, closeWith(code))
)

export const ofTooMuch = (dress: Dress): ReadonlyArray<Case> => [{
  id: "7.1.6",
  steps: [...message(dress, [repeated("BAsd7&jh23", 262_144)]), say(text, hello), closeWith(1000), say(ping)],
  heard: [],
  ending: fails(1009)
}]
