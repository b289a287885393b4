/** Section 9: large messages, many pieces, many messages. */
import { binary, type Case, clean, type Dress, type Ending, fails, message, pieces, say, sized } from "../case.ts"

const kib = 1_024
const mib = 1_048_576

const sizes = [64 * kib, 256 * kib, mib, 4 * mib, 8 * mib, 16 * mib]
const fragments = [64, 256, kib, 4 * kib, 16 * kib, 64 * kib, 256 * kib, mib, 4 * mib]
const chops = [64, 128, 256, 512, kib, 2 * kib]

const octets = "BAsd7&jh23"
const bits = Buffer.from("00fe23faf0", "hex")

/** What is large is made when its turn comes. */
const told = (id: string, ending: Ending, make: () => Case["steps"], heard: Case["heard"] = []): Case => ({
  id,
  get steps() {
    return make()
  },
  heard,
  ending
})

/** Where a frame may have any size: all of it comes back. */
export const largeTexts = (dress: Dress): ReadonlyArray<Case> => [
  ...sizes.map((size, i) => {
    const payload = sized(dress, octets, size)
    return told(`9.1.${i + 1}`, clean, () => message(dress, [payload]), [dress.echo(payload)])
  }),
  ...fragments.map((size, i) => {
    const payload = sized(dress, "*", 4 * mib)
    return told(`9.3.${i + 1}`, clean, () => message(dress, pieces(payload, size)), [dress.echo(payload)])
  }),
  ...chops.map((chop, i) => {
    const payload = sized(dress, octets, mib)
    return told(`9.5.${i + 1}`, clean, () => message(dress, [payload], { chop }), [dress.echo(payload)])
  })
]

/** Where a frame has a bound: 64 KiB come back, more is refused, and so are too many pieces. */
export const boundedTexts = (dress: Dress, tooMany: ReadonlyArray<number>): ReadonlyArray<Case> => [
  ...sizes.map((size, i) => {
    const payload = sized(dress, octets, size)
    const steps = () => message(dress, [payload])
    return size === sizes[0]
      ? told(`9.1.${i + 1}`, clean, steps, [dress.echo(payload)])
      : told(`9.1.${i + 1}`, fails(1009), steps)
  }),
  ...fragments.map((size, i) =>
    told(`9.3.${i + 1}`, fails(1009, ...tooMany), () => message(dress, pieces(sized(dress, "*", 4 * mib), size)))
  ),
  ...chops.map((chop, i) =>
    told(`9.5.${i + 1}`, fails(1009), () => message(dress, [sized(dress, octets, mib)], { chop }))
  )
]

/** Binary is refused in any size: with 1003 when it is whole, with what bounds frames before. */
export const binaries = (tooMany: ReadonlyArray<number>): ReadonlyArray<Case> => {
  const refused = fails(1003, 1009, ...tooMany)
  const frames = (payload: Buffer, size: number) => {
    const parts = pieces(payload, size)
    return parts.map((part, i) => say(i === 0 ? binary : 0, part, { fin: i === parts.length - 1 }))
  }
  return [
    ...sizes.map((size, i) => told(`9.2.${i + 1}`, refused, () => [say(binary, Buffer.alloc(size, bits))])),
    ...fragments.map((size, i) => told(`9.4.${i + 1}`, refused, () => frames(Buffer.alloc(4 * mib, "*"), size))),
    ...chops.map((chop, i) => told(`9.6.${i + 1}`, refused, () => [say(binary, Buffer.alloc(mib, bits), { chop })])),
    ...roundTripSizes.map((size, i) => told(`9.8.${i + 1}`, fails(1003), () => [say(binary, Buffer.alloc(size, 0xfe))]))
  ]
}

const roundTripSizes = [0, 16, 64, 256, kib, 4 * kib]

/** 1,000 messages, each after the answer to the one before. */
export const roundTrips = (dress: Dress): ReadonlyArray<Case> =>
  roundTripSizes.map((size, i) => {
    const payload = sized(dress, "*", size)
    const [one] = message(dress, [payload])
    const times = Array.from({ length: 1_000 }, (_, n) => ({ ...one!, until: n + 1 }))
    return told(`9.7.${i + 1}`, clean, () => times, times.map(() => dress.echo(payload)))
  })
