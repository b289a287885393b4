/** A random name that nobody else has: 104 bits. Also where a page has no secure context, which `randomUUID` wants. */
export const makeId = (): string =>
  Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => (n & 0x3ff_ffff).toString(36).padStart(6, "0")).join("")
