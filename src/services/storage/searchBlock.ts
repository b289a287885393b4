/** The words of a block of the search index, and in few bytes which of its texts have each: known by their places in it. */

/** Some words of a block that follow each other, and after each its texts. */
export interface WordsRow {
  /** The first of them. */
  readonly word: string
  /** With a space between two. */
  readonly words: string
  /** Of each word how many texts have it, and their places: each by its distance from the one before it. */
  readonly texts: Uint8Array
}

/**
 * Bytes of a row, about: four of them are a page of SQLite, and a larger one would have a page for what is too much. A row
 * for each word would cost five times as much to write.
 */
const bytesOfRow = 800

/** Bytes that a number may take: seven bits in each, the lowest first. */
const bytesOfNumber = 5

/** Puts rows together, word after word, in the order of the database. */
export class RowsWriter {
  rows: Array<WordsRow> = []
  #words: Array<string> = []
  #bytes = new Uint8Array(8 * bytesOfRow)
  #size = 0
  #letters = 0
  #before = -1

  begin(word: string, count: number): void {
    if (this.#size + this.#letters >= bytesOfRow) this.end()
    this.#letters += word.length + 1
    this.#reserve((count + 1) * bytesOfNumber)
    this.#words.push(word)
    this.#put(count)
    this.#before = -1
  }

  add(place: number): void {
    this.#put(place - this.#before - 1)
    this.#before = place
  }

  end(): void {
    const word = this.#words[0]
    if (word === undefined) return
    this.rows.push({ word, words: this.#words.join(" "), texts: this.#bytes.slice(0, this.#size) })
    this.#words = []
    this.#size = 0
    this.#letters = 0
  }

  #reserve(count: number): void {
    if (this.#size + count <= this.#bytes.length) return
    const larger = new Uint8Array(2 * (this.#size + count))
    larger.set(this.#bytes)
    this.#bytes = larger
  }

  #put(number: number): void {
    let left = number
    for (; left > 127; left >>>= 7) this.#bytes[this.#size++] = left & 127 | 128
    this.#bytes[this.#size++] = left
  }
}

/** In the order of the database already, and few enough for one row, if there are any. */
export const encodeRow = (all: ReadonlyMap<string, ReadonlyArray<number>>): WordsRow | undefined => {
  const writer = new RowsWriter()
  for (const [word, places] of all) {
    writer.begin(word, places.length)
    for (const place of places) writer.add(place)
  }
  writer.end()
  return writer.rows[0]
}

/** The words of a block. In flat arrays, because a list for each word took twice the time. */
export class BlockWords {
  readonly #numbers = new Map<string, number>()
  /** Of each word how many texts have it, and the last of them. */
  readonly #counts: Array<number> = []
  readonly #lasts: Array<number> = []
  /** Of each pair of a word and a text. */
  readonly #words: Array<number> = []
  readonly #places: Array<number> = []

  /** Places come in rising order. */
  add(word: string, place: number): void {
    let number = this.#numbers.get(word)
    if (number === undefined) {
      this.#numbers.set(word, number = this.#counts.length)
      this.#counts.push(0)
      this.#lasts.push(-1)
    }
    if (this.#lasts[number] === place) return
    this.#lasts[number] = place
    this.#counts[number]!++
    this.#words.push(number)
    this.#places.push(place)
  }

  rows(): ReadonlyArray<WordsRow> {
    const ends = new Uint32Array(this.#counts.length)
    let sum = 0
    for (let number = 0; number < ends.length; number++) {
      ends[number] = sum
      sum += this.#counts[number]!
    }
    const sorted = new Uint32Array(sum)
    for (let i = 0; i < sum; i++) sorted[ends[this.#words[i]!]!++] = this.#places[i]!
    const writer = new RowsWriter()
    for (const word of inOrder(this.#numbers.keys())) {
      const number = this.#numbers.get(word)!
      const count = this.#counts[number]!
      writer.begin(word, count)
      for (let i = ends[number]! - count; i < ends[number]!; i++) writer.add(sorted[i]!)
    }
    writer.end()
    return writer.rows
  }
}

/** What a row has, word after word. */
export class RowReader {
  readonly #texts: Uint8Array
  readonly #words: ReadonlyArray<string>
  #word = -1
  #at = 0
  #left = 0
  #place = -1

  constructor({ texts, words }: Pick<WordsRow, "texts" | "words">) {
    this.#texts = texts
    this.#words = words.split(" ")
  }

  /** How many texts have the word that was answered last, of those that were not read yet. */
  get left(): number {
    return this.#left
  }

  /** The next word; `undefined` behind the last. */
  next(): string | undefined {
    for (; this.#left > 0; this.#at++) if (this.#texts[this.#at]! < 128) this.#left--
    const word = this.#words[++this.#word]
    if (word === undefined) return undefined
    this.#left = this.#number()
    this.#place = -1
    return word
  }

  /** Of its texts the next. */
  place(): number {
    this.#left--
    return this.#place += this.#number() + 1
  }

  #number(): number {
    let number = 0
    let shift = 0
    for (; this.#texts[this.#at]! > 127; this.#at++) {
      number |= (this.#texts[this.#at]! & 127) << shift
      shift += 7
    }
    return number | this.#texts[this.#at++]! << shift
  }
}

/** The places of those words of the row that are wanted. */
export const readWords = (
  row: Pick<WordsRow, "texts" | "words">,
  isWanted: (word: string) => boolean,
  f: (place: number, word: string) => void
): void => {
  const reader = new RowReader(row)
  for (let word = reader.next(); word !== undefined; word = reader.next()) {
    if (isWanted(word)) { while (reader.left > 0) f(reader.place(), word) }
  }
}

const isOutOfOrder = /[\ud800-\uffff]/
const half = /[\ud800-\udfff]/
const outOfOrder = /[\ud800-\uffff]/g

/** Stands as the word does in the order of the database, that of code points: halves of a character come behind all others. */
export const orderOf = (word: string): string =>
  isOutOfOrder.test(word)
    ? word.replace(outOfOrder, (unit) => {
      const code = unit.charCodeAt(0)
      return String.fromCharCode(code < 0xe000 ? code + 0x2000 : code - 0x800)
    })
    : word

const inOrder = (words: Iterable<string>): ReadonlyArray<string> => {
  const sorted = Array.from(words).sort()
  return sorted.some((word) => half.test(word)) ? sorted.sort((a, b) => orderOf(a) < orderOf(b) ? -1 : 1) : sorted
}
