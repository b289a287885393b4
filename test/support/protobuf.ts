/** Reads the wire format of Protocol Buffers, as far as OTLP uses it. */

export type Field = number | bigint | Uint8Array

/** The fields of one message by their number, each with all its values. */
export const fieldsOf = (bytes: Uint8Array): ReadonlyMap<number, ReadonlyArray<Field>> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const fields = new Map<number, Array<Field>>()
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let factor = 1;; factor *= 128) {
      const byte = bytes[at++]!
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }
  const read = (wireType: number): Field => {
    switch (wireType) {
      case 0:
        return varint()
      case 1:
        return view.getBigUint64((at += 8) - 8, true)
      case 2: {
        const length = varint()
        return bytes.subarray(at, at += length)
      }
      case 5:
        return view.getUint32((at += 4) - 4, true)
      default:
        throw new Error(`no wire type ${wireType}`)
    }
  }
  while (at < bytes.length) {
    const tag = varint()
    const number = Math.floor(tag / 8)
    fields.set(number, [...(fields.get(number) ?? []), read(tag % 8)])
  }
  return fields
}
