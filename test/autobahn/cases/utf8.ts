/** Section 6: what is UTF-8 and what is not. The sequences are those of Markus Kuhn's test of decoders. */
import { type Case, clean, type Dress, fails, message, pieces } from "../case.ts"

const invalid = fails(1007)

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(" ", ""), "hex")

const words = "Hello-µ@ßöäüàá-UTF-8!!"
/** Of its two accented letters Unicode's forms make one, so it is not to be written as letters here. */
const greek = bytes("ceba e1bdb9 cf83 cebc ceb5")
const halves = ["Hello-µ@ßöä", "üàá-UTF-8!!"]

const rest = Buffer.from("edited")
const surrogate = Buffer.concat([greek, bytes("eda080"), rest])
const outOfRange = bytes("f4908080")

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

const hex = (values: ReadonlyArray<number>) => Buffer.from(values).toString("hex")

/** Each start byte of a range, and a space. */
const lonely = (from: number, to: number) => hex(range(from, to).flatMap((byte) => [byte, 0x20]))

const incomplete = ["c0", "e080", "f08080", "f8808080", "fc80808080", "df", "efbf", "f7bfbf", "fbbfbfbf", "fdbfbfbfbf"]

/** The last two code points of each plane but the first. */
const nonCharacters = range(1, 17).flatMap((plane) =>
  [0xfffe, 0xffff].map((low) => Buffer.from(String.fromCodePoint(plane * 0x10000 + low)).toString("hex"))
)

const good = (...sequences: ReadonlyArray<string>) => sequences.map((sequence) => [true, sequence] as const)
const bad = (...sequences: ReadonlyArray<string>) => sequences.map((sequence) => [false, sequence] as const)

/** From 6.5 on. */
const groups: ReadonlyArray<ReadonlyArray<readonly [isValid: boolean, hex: string]>> = [
  good(
    ...["$", "¢", "€", "𤭢"].map((sign) => Buffer.from(`hello${sign}world`).toString("hex")),
    greek.toString("hex")
  ),
  // Its prefixes: valid where they end between two letters.
  range(1, greek.length + 1).map((length) =>
    [[2, 5, 7, 9, 11].includes(length), greek.toString("hex", 0, length)] as const
  ),
  good("00", "c280", "e0a080", "f0908080"),
  bad("f888808080", "fc8480808080"),
  good("7f", "dfbf", "efbfbf", "f48fbfbf"),
  bad("f7bfbfbf", "fbbfbfbfbf", "fdbfbfbfbfbf"),
  [...good("ed9fbf", "ee8080", "efbfbd", "f48fbfbf"), ...bad("f4908080")],
  bad("80", "bf", "80bf", "80bf80", "80bf80bf", "80bf80bf80", "80bf80bf80bf", hex(range(0x80, 0xbf))),
  bad(lonely(0xc0, 0xdf), lonely(0xe0, 0xef), lonely(0xf0, 0xf7), lonely(0xf8, 0xfb), lonely(0xfc, 0xfd)),
  bad(...incomplete),
  bad(incomplete.join("")),
  bad("fe", "ff", "fefeffff"),
  bad("c0af", "e080af", "f08080af", "f8808080af", "fc80808080af"),
  bad("c1bf", "e09fbf", "f08fbfbf", "f887bfbfbf", "fc83bfbfbfbf"),
  bad("c080", "e08080", "f0808080", "f880808080", "fc8080808080"),
  bad("eda080", "edadbf", "edae80", "edafbf", "edb080", "edbe80", "edbfbf"),
  bad(...["eda080", "edadbf", "edae80", "edafbf"].flatMap((high) => [`${high}edb080`, `${high}edbfbf`])),
  good("efbfbe", "efbfbf", ...nonCharacters),
  good("efbfb9", "efbfba", "efbfbb", "efbfbc", "efbfbd", "efbfbe", "efbfbf")
]

const echoed = (id: string, dress: Dress, payloads: ReadonlyArray<string | Buffer>): Case => ({
  id,
  steps: message(dress, payloads),
  heard: [dress.echo(Buffer.concat(payloads.map((payload) => Buffer.from(payload))).toString())],
  ending: clean
})

/**
 * A message that stops to be UTF-8 in its second part. It is enough to fail it when it is whole; one that does so at the
 * second part is better, and told apart only in who sends the third.
 */
const failing = (id: string, dress: Dress, parts: ReadonlyArray<Buffer>, inOneFrame: boolean): Case => {
  if (!inOneFrame) {
    const [first, second, last] = message(dress, parts)
    return { id, steps: [first!, { ...second!, fatal: true }, last!], heard: [], ending: invalid }
  }
  const whole = message(dress, [Buffer.concat(parts)])[0]!.bytes
  const last = whole.length -
    (parts[2]!.length + dress.fragments([""])[0]!.length - dress.fragments(["", ""])[0]!.length)
  const second = last - parts[1]!.length
  return {
    id,
    steps: [
      { bytes: whole.subarray(0, second) },
      { bytes: whole.subarray(second, last), fatal: true },
      { bytes: whole.subarray(last) }
    ],
    heard: [],
    ending: invalid
  }
}

export const utf8 = (dress: Dress): ReadonlyArray<Case> => {
  const octets = (payload: string | Buffer) => pieces(payload, 1)
  const both = [[greek, outOfRange, rest], [
    Buffer.concat([greek, outOfRange.subarray(0, 1)]),
    outOfRange.subarray(1, 2),
    Buffer.concat([outOfRange.subarray(2), rest])
  ]] as const
  return [
    echoed("6.1.1", dress, [""]),
    echoed("6.1.2", dress, ["", "", ""]),
    echoed("6.1.3", dress, ["", "middle frame payload", ""]),
    echoed("6.2.1", dress, [words]),
    echoed("6.2.2", dress, halves),
    echoed("6.2.3", dress, octets(words)),
    echoed("6.2.4", dress, octets(greek)),
    { id: "6.3.1", steps: message(dress, [surrogate]), heard: [], ending: invalid },
    { id: "6.3.2", steps: message(dress, octets(surrogate)), heard: [], ending: invalid },
    ...both.map((parts, i) => failing(`6.4.${i + 1}`, dress, parts, false)),
    ...both.map((parts, i) => failing(`6.4.${i + 3}`, dress, parts, true)),
    ...groups.flatMap((group, i) =>
      group.map(([isValid, sequence], j): Case => {
        const id = `6.${i + 5}.${j + 1}`
        return isValid
          ? echoed(id, dress, [bytes(sequence)])
          : { id, steps: message(dress, [bytes(sequence)]), heard: [], ending: invalid }
      })
    )
  ]
}
