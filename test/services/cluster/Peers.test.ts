/** Which other servers there are, by the signs of life that come over the bus and out of the store. */
import { assert, describe, it } from "@effect/vitest"
import { type Beat, believedMillis, leaseMillis, type PeerEvent, Peers } from "../../../src/services/cluster/Peers.ts"
import type { EpochState } from "../../../src/services/storage/Journal.ts"

const setUp = () => {
  const events: Array<string> = []
  const peers = new Peers("self", (event: PeerEvent) =>
    events.push(
      `${event._tag} ${event.node}${"silentMillis" in event ? ` ${event.silentMillis}` : ""}`
    ))
  const take = () => events.splice(0)
  return { peers, take }
}

const beat = (node: string, more: Partial<Beat> = {}): Beat => ({
  node,
  epoch: 1,
  users: 0,
  connections: 0,
  draining: false,
  ...more
})

const epoch = (node: string, more: Partial<EpochState> = {}): EpochState => ({
  epoch: 1,
  node,
  silentMillis: 0,
  first: 1,
  ended: false,
  ...more
})

describe("peers", () => {
  it("come with their first sign of life, from wherever it is, and once", () => {
    const { peers, take } = setUp()
    peers.stored([epoch("a"), epoch("self"), epoch("dead", { silentMillis: leaseMillis })], 0)
    peers.heard(beat("a"), 1)
    peers.heard(beat("b"), 2)
    peers.heard(beat("self"), 3)
    assert.deepStrictEqual(take(), ["Joined a", "Joined b"])
    assert.strictEqual(peers.size, 2)
  })

  it("who is silent on the bus and in the store for the lease is lost; one of both is enough to be there", () => {
    const { peers, take } = setUp()
    peers.heard(beat("bus"), 0)
    peers.heard(beat("gone"), 0)
    peers.stored([epoch("store")], 0)
    take()
    peers.heard(beat("bus"), 9_000)
    peers.stored([epoch("store", { silentMillis: 1_000 }), epoch("gone", { silentMillis: 10_001 })], 10_001)
    assert.deepStrictEqual(take(), ["Lost gone 10001"])
    // Nobody is judged while the store cannot be asked.
    assert.deepStrictEqual(Array.from(peers.all, ({ node }) => node).toSorted(), ["bus", "store"])
    peers.stored([epoch("store", { silentMillis: 500 })], 30_000)
    assert.deepStrictEqual(take(), ["Lost bus 21000"])
    // And who comes back is there again.
    peers.heard(beat("bus"), 31_000)
    assert.deepStrictEqual(take(), ["Joined bus"])
  })

  it("who is alive in the store and unheard for a minute is told once, until it is heard again", () => {
    const { peers, take } = setUp()
    peers.heard(beat("a"), 0)
    take()
    for (let now = 0; now < believedMillis; now += 1_000) peers.stored([epoch("a")], now)
    assert.deepStrictEqual(take(), [])
    for (let now = believedMillis; now < 3 * believedMillis; now += 1_000) peers.stored([epoch("a")], now)
    assert.deepStrictEqual(take(), [`Unheard a ${believedMillis}`])
    peers.heard(beat("a"), 3 * believedMillis)
    for (let now = 3 * believedMillis; now <= 4 * believedMillis; now += 1_000) peers.stored([epoch("a")], now)
    assert.deepStrictEqual(take(), [`Unheard a ${believedMillis}`])
  })

  it("who has said goodbye, or whose epochs have all ended, has left; what comes late does not bring them back", () => {
    const { peers, take } = setUp()
    peers.heard(beat("a"), 0)
    peers.heard(beat("b"), 0)
    take()
    peers.left("a", 1_000)
    peers.heard(beat("a"), 1_001)
    peers.stored([epoch("b", { ended: true }), epoch("b", { epoch: 2 })], 2_000)
    assert.deepStrictEqual(take(), ["Left a"])
    peers.stored([epoch("b", { ended: true }), epoch("b", { epoch: 2, ended: true })], 3_000)
    assert.deepStrictEqual(take(), ["Left b"])
    assert.strictEqual(peers.size, 0)
  })
})
