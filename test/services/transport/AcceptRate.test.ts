/** P9: who is listened to, before Node has made a socket. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { createServer, type Server } from "node:http"
import { Socket } from "node:net"
import { TrustedProxies, trusting } from "../../../src/services/access/ClientAddress.ts"
import { Settings } from "../../../src/services/Settings.ts"
import * as AcceptRate from "../../../src/services/transport/AcceptRate.ts"

type Asked = Server & { blockList?: { readonly check: (address: string, family: "ipv4" | "ipv6") => boolean } }

/** How many of a thousand are let in that come at once, from the addresses that `of` gives them. */
const letIn = (server: Asked, of: (i: number) => string): number =>
  Array.from({ length: 1_000 }, (_, i) => of(i)).filter((address) =>
    !server.blockList!.check(address, address.includes(":") ? "ipv6" : "ipv4")
  ).length

describe("AcceptRate", () => {
  const layer = Layer.merge(
    Settings.layerOf({ maxConnectionsPerSecond: 200 }),
    Layer.succeed(TrustedProxies, trusting(["10.0.0.0/8"])!)
  )

  it.effect("an address has a tenth, a /64 is one address, and what a trusted proxy brings is nobody's yet", () =>
    Effect.gen(function*() {
      const server: Asked = createServer()
      yield* AcceptRate.make(server)
      assert.strictEqual(letIn(server, () => "192.0.2.1"), 80)
      assert.strictEqual(letIn(server, () => "::ffff:192.0.2.1"), 0)
      assert.strictEqual(letIn(server, (i) => `2001:db8:0:1::${i + 1}`), 80)
      assert.strictEqual(letIn(server, (i) => `2001:db8:0:2::${i + 1}`), 80)
      assert.strictEqual(letIn(server, () => "10.0.0.1"), 1_000)
      assert.strictEqual(letIn(server, () => "::ffff:10.0.0.2"), 1_000)
      // What is left of the whole: a burst of 800.
      assert.strictEqual(letIn(server, (i) => `198.51.${i >> 8}.${i & 255}`), 560)
      assert.strictEqual(letIn(server, () => "127.0.0.1"), 0)
      assert.strictEqual(letIn(server, () => "10.0.0.1"), 1_000)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(letIn(server, () => "192.0.2.1"), 40)
      assert.strictEqual(letIn(server, (i) => `198.51.${i >> 8}.${i & 255}`), 360)
    }).pipe(Effect.scoped, Effect.provide(layer)))

  it.effect("a listener that did not ask counts all the same", () =>
    Effect.gen(function*() {
      const mayStay = yield* AcceptRate.make(createServer())
      const sockets = Array.from({ length: 1_000 }, () => new Socket())
      assert.strictEqual(sockets.filter(mayStay).length, 800)
      assert.strictEqual(sockets.filter(({ destroyed }) => destroyed).length, 200)
    }).pipe(Effect.scoped, Effect.provide(layer)))
})
