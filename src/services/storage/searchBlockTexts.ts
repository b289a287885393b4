/**
 * The texts of a block, without their words: in parts, so that a few of them can be read, and their conversations and senders
 * together too, so that all of them can.
 */

export interface BlockText {
  /** Of its conversation; 0 where there is nothing any more. */
  readonly number: number
  readonly sender: number
  readonly seq: number
  readonly at: number
}

/** A column each. */
export interface Part {
  readonly ats: Float64Array
  readonly numbers: Uint32Array
  readonly seqs: Uint32Array
}

/** A part fills a page of SQLite. */
const bytesPerText = 16
export const textsPerPart = 240

/** More parts than a block has. */
const partsPerBlock = 4_096

export const partId = (block: number, part: number): number => block * partsPerBlock + part
export const blockOfPart = (id: number): number => Math.floor(id / partsPerBlock)
/** The place in its block where it begins. */
export const placeOfPart = (id: number): number => id % partsPerBlock * textsPerPart

/** Senders are told apart by this; that two have the same is settled where the entry is read. FNV-1a. */
export const hashOf = (name: string): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/** A copy where the bytes do not lie where such numbers may. All machines that this runs on have the same order. */
const aligned = (bytes: Uint8Array, to: number): Uint8Array => bytes.byteOffset % to === 0 ? bytes : bytes.slice()

export const partIn = (bytes: Uint8Array): Part => {
  const { buffer, byteOffset } = aligned(bytes, 8)
  const size = bytes.length / bytesPerText
  return {
    ats: new Float64Array(buffer, byteOffset, size),
    numbers: new Uint32Array(buffer, byteOffset + 8 * size, size),
    seqs: new Uint32Array(buffer, byteOffset + 12 * size, size)
  }
}

export const numbersIn = (bytes: Uint8Array): Uint32Array => {
  const { buffer, byteOffset } = aligned(bytes, 4)
  return new Uint32Array(buffer, byteOffset, bytes.length / 4)
}

export const bytesOf = ({ buffer, byteLength, byteOffset }: Uint32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

export const partsOf = (texts: ReadonlyArray<Omit<BlockText, "sender">>): ReadonlyArray<Uint8Array> => {
  const parts: Array<Uint8Array> = []
  for (let from = 0; from < texts.length; from += textsPerPart) {
    const bytes = new Uint8Array(bytesPerText * Math.min(textsPerPart, texts.length - from))
    const { ats, numbers, seqs } = partIn(bytes)
    for (let i = 0; i < ats.length; i++) {
      const { at, number, seq } = texts[from + i]!
      ats[i] = at
      numbers[i] = number
      seqs[i] = seq
    }
    parts.push(bytes)
  }
  return parts
}
