/** Inputs that are almost right: what the schemas generate, bent by a generator that repeats itself for a seed. */

/** A small generator of pseudo-random numbers (mulberry32), so that a failing run can be made again. */
export const random = (seed: number) => {
  let state = seed >>> 0
  return (below: number): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

type Random = ReturnType<typeof random>

/** What parsers have stumbled over. */
const words = [
  "__proto__",
  "constructor",
  "\u0000",
  "\\u0000",
  "\ud800",
  "\\ud800",
  "\u202e",
  "1e999",
  "-0",
  "9007199254740993",
  "null",
  "true",
  "{}",
  "[]",
  "[".repeat(5_000),
  "{\"a\":".repeat(3_000),
  "\"type\":\"ping\",",
  "\"".repeat(3),
  "\r\n",
  "\r\n\r\n",
  ": ",
  "Content-Length: 5\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Upgrade: h2c\r\n",
  "Sec-WebSocket-Protocol: " + "a,".repeat(500) + "\r\n",
  "Phone-Number: ../../etc/passwd\r\n",
  "?device=%00%ff&ticket=",
  "%",
  "x".repeat(20_000),
  "🧑‍🧑‍🧒‍🧒".repeat(200)
].map((word) => Buffer.from(word))

const once = (input: Buffer, pick: Random, others: ReadonlyArray<Buffer>): Buffer => {
  const at = pick(input.length + 1)
  const length = pick(Math.min(32, input.length - at) + 1)
  switch (pick(8)) {
    case 0: {
      if (input.length === 0) return input
      const copy = Buffer.from(input)
      copy[pick(input.length)]! ^= 1 << pick(8)
      return copy
    }
    case 1:
      return Buffer.concat([input.subarray(0, at), Buffer.from([pick(256)]), input.subarray(at)])
    case 2:
      return Buffer.concat([input.subarray(0, at), input.subarray(at + length)])
    case 3:
      return input.subarray(0, at)
    case 4:
      return Buffer.concat([input.subarray(0, at), words[pick(words.length)]!, input.subarray(at)])
    case 5:
      return Buffer.concat([input.subarray(0, at), words[pick(words.length)]!, input.subarray(at + length)])
    case 6: {
      const other = others[pick(others.length)]!
      return Buffer.concat([input.subarray(0, at), other.subarray(pick(other.length + 1))])
    }
    default:
      return Buffer.concat([input.subarray(0, at + length), input.subarray(at)])
  }
}

/** One input in five stays as it is; the others are bent up to four times. */
export const mutate = (input: Buffer, pick: Random, others: ReadonlyArray<Buffer>): Buffer => {
  let output = input
  for (let n = pick(5); n > 0; n--) output = once(output, pick, others)
  return output.length > 100_000 ? output.subarray(0, 100_000) : output
}

/** How many inputs a run has: `FUZZ_RUNS` for a long one. */
export const runs = (few: number): number => Number(process.env["FUZZ_RUNS"] ?? few)

/** One seed for all who build the same commit, so that a red run speaks of what was changed; `FUZZ_SEED` is another. */
export const seed = Number(process.env["FUZZ_SEED"] ?? 1)

/** Milliseconds of this thread's own that `f` takes; if many, the least of three more, as a collection of garbage is not its. */
export const millisOf = (f: () => void): number => {
  const time = () => {
    const start = process.threadCpuUsage()
    f()
    return process.threadCpuUsage(start).user / 1_000
  }
  const first = time()
  return first < 50 ? first : Math.min(first, time(), time(), time())
}
