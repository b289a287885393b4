/** P9: who on Bun has to go when too many hold the line. How it is asked who is there, `P9-hostile` has. */
import { assert, describe, it } from "@effect/vitest"
import { BunPending, type Peer } from "../../../src/services/transport/BunPending.ts"
import type { Descriptors } from "../../../src/services/transport/descriptors.ts"

const here: Peer = { address: "10.0.0.1", port: 8_080 }

/** A process with these sockets of clients, and as many descriptors of other things. */
const processWith = (others: number) => {
  const sockets = new Map<number, { readonly local: Peer; readonly remote: Peer | undefined }>()
  let next = others
  const descriptors: Descriptors = {
    count: () => others + sockets.size,
    each: (visit) => {
      for (const [fd, { local, remote }] of Array.from(sockets)) visit(fd, { local, remote: () => remote })
    },
    shutDown: (fd) => void sockets.delete(fd)
  }
  return {
    descriptors,
    add: (remote: Peer | undefined, local = here) => void sockets.set(next++, { local, remote }),
    ports: () => Array.from(sockets.values(), ({ remote }) => remote?.port)
  }
}

const from = (port: number, address = "10.0.0.9"): Peer => ({ address, port })

describe("P9 BunPending", () => {
  it("closes the oldest past the bound, and tells of each", () => {
    let closed = 0
    const { add, descriptors, ports } = processWith(20)
    const pending = new BunPending(3, here, descriptors, () => closed++)
    // The later one has the lower descriptor.
    add(from(1))
    pending.look()
    for (const port of [2, 3, 4, 5]) add(from(port))
    pending.look()
    assert.deepStrictEqual(ports(), [3, 4, 5])
    add(from(6))
    pending.look()
    assert.deepStrictEqual(ports(), [4, 5, 6])
    assert.strictEqual(closed, 3)
  })

  it("leaves WebSockets and files alone, for as long as they are", () => {
    const { add, descriptors, ports } = processWith(20)
    const pending = new BunPending(2, here, descriptors, () => {})
    const peers = [from(1), from(1, "2001:db8::1"), from(2, "::ffff:10.0.0.9")]
    const ends = peers.map((peer) => pending.settle(peer))
    add(from(1))
    add(from(1, "2001:db8:0:0:0:0:0:1"))
    add(from(2))
    for (const port of [7, 8, 9]) add(from(port))
    pending.look()
    assert.deepStrictEqual(ports(), [1, 1, 2, 8, 9])
    for (const end of ends) end()
    pending.look()
    assert.lengthOf(ports(), 2)
  })

  it("a connection that is at a second file is at one when the first is done", () => {
    const { add, descriptors, ports } = processWith(20)
    const pending = new BunPending(1, here, descriptors, () => {})
    const first = pending.settle(from(1))
    pending.settle(from(1))
    first()
    add(from(1))
    for (const port of [2, 3]) add(from(port))
    pending.look()
    assert.deepStrictEqual(ports(), [1, 3])
  })

  it("counts nobody who listens, or is at another server of the process", () => {
    const { add, descriptors, ports } = processWith(20)
    const pending = new BunPending(1, here, descriptors, () => {})
    add(undefined)
    for (const port of [1, 2, 3]) add(from(port), { ...here, port: 9_090 })
    for (const port of [1, 2, 3]) add(from(port), { ...here, address: "10.0.0.2" })
    for (const port of [4, 5]) add(from(port))
    pending.look()
    assert.deepStrictEqual(ports(), [undefined, 1, 2, 3, 1, 2, 3, 5])
    const everywhere = new BunPending(1, { ...here, address: "0.0.0.0" }, descriptors, () => {})
    everywhere.look()
    assert.deepStrictEqual(ports(), [undefined, 1, 2, 3, 5])
  })

  it("ends all that are left at its port", () => {
    const { add, descriptors, ports } = processWith(20)
    const pending = new BunPending(0, here, descriptors, () => {})
    for (const port of [4, 5]) add(from(port))
    add(from(6), { ...here, port: 9_090 })
    pending.shutDownAll()
    assert.deepStrictEqual(ports(), [6])
  })
})
