/** What the door looks at: addresses, origins, tickets, and what is written about it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger, References } from "effect"
import { TestClock } from "effect/testing"
import { DeviceId, UserId } from "../../src/domain/Ids.ts"
import { AuditLog, neutralised } from "../../src/services/access/AuditLog.ts"
import { Authenticator, type ConnectRequest } from "../../src/services/access/Authenticator.ts"
import { clientAddress, trusting } from "../../src/services/access/ClientAddress.ts"
import { allows } from "../../src/services/access/Origins.ts"
import { Tickets } from "../../src/services/admission/Tickets.ts"
import { isLoopback } from "../../src/services/kernel/addresses.ts"
import { redacting, UserNames } from "../../src/services/UserNames.ts"

describe("ClientAddress", () => {
  it("knows loopback, also in IPv6's clothes", () => {
    for (const host of ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost", "::ffff:127.0.0.1"]) {
      assert.isTrue(isLoopback(host), host)
    }
    for (const host of ["8.8.8.8", "::2", "localhost.evil.com", "127.0.0.1.evil.com", "0.0.0.0", ""]) {
      assert.isFalse(isLoopback(host), host)
    }
  })

  it("believes X-Forwarded-For of trusted proxies only, and only the part that they wrote", () => {
    const proxies = trusting(["10.0.0.0/8", "::1"])!
    assert.strictEqual(clientAddress("10.1.1.1", "8.8.8.8", proxies), "8.8.8.8")
    assert.strictEqual(clientAddress("10.1.1.1", "1.1.1.1, 8.8.8.8, 10.2.2.2", proxies), "8.8.8.8")
    assert.strictEqual(clientAddress("9.9.9.9", "8.8.8.8", proxies), "9.9.9.9")
    assert.strictEqual(clientAddress("10.1.1.1", "not an address", proxies), "10.1.1.1")
    assert.strictEqual(clientAddress("10.1.1.1", undefined, proxies), "10.1.1.1")
    assert.strictEqual(clientAddress("::ffff:10.1.1.1", "8.8.8.8", proxies), "8.8.8.8")
  })

  it("understands addresses as proxies write them, and stops at the first that it cannot read", () => {
    const proxies = trusting(["10.0.0.0/8", "2001:db8:f::/48"])!
    const of = (forwarded: string | ReadonlyArray<string>) => clientAddress("10.1.1.1", forwarded, proxies)
    for (const hop of ["203.0.113.7", "203.0.113.7:4711", "::ffff:203.0.113.7", "[::ffff:cb00:7107]:4711"]) {
      assert.strictEqual(of(`6.6.6.6, ${hop}`), "203.0.113.7", hop)
      assert.strictEqual(of(`6.6.6.6, ${hop}, 10.2.2.2:80, [2001:db8:f::1]:443`), "203.0.113.7", hop)
      assert.strictEqual(of(["6.6.6.6", hop]), "203.0.113.7", hop)
    }
    for (const hop of ["2001:DB8::7", "[2001:db8::7]", "[2001:db8:0:0::9]:4711", "2001:db8::7%eth0"]) {
      assert.strictEqual(of(`6.6.6.6, ${hop}`), "2001:db8:0:0::/64", hop)
    }
    // Its own word would be 6.6.6.6: limits would be anybody's choice.
    for (
      const hop of ["unknown", "_hidden", "", "1.2.3.4.5", "010.0.0.1", "[1.2.3.4]:80", "[::1", "1.2.3.4:x", "a:1", "%"]
    ) {
      assert.strictEqual(of(`6.6.6.6, ${hop}`), "10.1.1.1", hop)
      assert.strictEqual(of(`6.6.6.6, ${hop}, 10.2.2.2`), "10.2.2.2", hop)
    }
    // A client within the trusted network is who the last of the proxies heard.
    assert.strictEqual(of("10.3.3.3, 10.2.2.2"), "10.3.3.3")
  })

  it("counts a /64 of IPv6 as one address, however it is written", () => {
    const none = trusting([])!
    const of = (address: string) => clientAddress(address, undefined, none)
    assert.strictEqual(of("2001:db8:0:1::5"), of("2001:0db8:0000:0001:ffff::9"))
    assert.notStrictEqual(of("2001:db8:0:1::5"), of("2001:db8:0:2::5"))
    assert.strictEqual(of("::1"), "::1")
    assert.strictEqual(of("::ffff:1.2.3.4"), "1.2.3.4")
  })

  it("refuses what is no subnet", () => {
    for (const bad of ["10.0.0.0/33", "10.0.0/8", "::/129", "proxy.local", "10.0.0.0/x", "10.0.0.0/-1"]) {
      assert.isUndefined(trusting([bad]), bad)
    }
  })
})

describe("Authenticator", () => {
  const statusFrom = (remoteAddress: string, from?: (peer: string) => boolean) =>
    Effect.gen(function*() {
      const { authenticate } = yield* Authenticator
      const headers = { "phone-number": "alice" }
      return yield* authenticate({
        headers,
        query: new URLSearchParams(),
        remoteAddress,
        address: remoteAddress,
        local: false
      })
    }).pipe(
      Effect.match({ onFailure: ({ status }) => status, onSuccess: () => 101 }),
      Effect.provide(Authenticator.layerPhoneHeaderWith(from === undefined ? {} : { from }))
    )

  it.effect("P8 the Phone-Number header is believed from this machine, elsewhere only where that was said", () =>
    Effect.gen(function*() {
      for (const address of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) {
        assert.strictEqual(yield* statusFrom(address), 101)
      }
      for (const address of ["203.0.113.9", "::ffff:10.0.0.1", "fe80::1", ""]) {
        assert.strictEqual(yield* statusFrom(address), 401)
      }
      assert.strictEqual(yield* statusFrom("203.0.113.9", () => true), 101)
    }))
})

describe("Origins", () => {
  const ask = (origin: string | undefined, host = "chat.example.com", local = false, allowed: Array<string> = []) =>
    allows(allowed, { origin, host, local })

  it("no origin is no browser; the server's own pages may, others may not", () => {
    assert.isTrue(ask(undefined))
    assert.isTrue(ask("https://chat.example.com"))
    for (
      const origin of [
        "null",
        "https://evil.com",
        "https://chat.example.com.evil.com",
        "https://chat.example.com:8443",
        "ftp://chat.example.com",
        "chat.example.com",
        ""
      ]
    ) assert.isFalse(ask(origin), origin)
  })

  it("an allow-list is exact, and * is everybody", () => {
    const list = ["https://app.example.com"]
    assert.isTrue(ask("https://app.example.com", undefined, false, list))
    assert.isFalse(ask("http://app.example.com", undefined, false, list))
    assert.isFalse(ask("https://app.example.com.evil.com", undefined, false, list))
    assert.isTrue(ask("https://any.where", undefined, false, ["*"]))
  })

  it("a name that was pointed at this machine (DNS rebinding) is not the server's own", () => {
    assert.isFalse(ask("http://evil.com:8080", "evil.com:8080", true))
    assert.isTrue(ask("http://localhost:8080", "localhost:8080", true))
    assert.isTrue(ask("http://127.0.0.1:8080", "127.0.0.1:8080", true))
    assert.isTrue(ask("http://[::1]:8080", "[::1]:8080", true))
  })
})

describe("Tickets", () => {
  const identity = { user: UserId.make("alice"), device: DeviceId.make("web"), named: true, expiresAt: 9e12 }
  const request = (device: string | undefined, address = "1.2.3.4"): ConnectRequest => ({
    headers: {},
    query: new URLSearchParams(device === undefined ? {} : { device }),
    remoteAddress: address,
    address,
    local: false
  })
  const layer = Tickets.layer

  it.effect("opens the door once, for 30 seconds, to whom it was issued", () =>
    Effect.gen(function*() {
      const tickets = yield* Tickets
      const { expiresAt, ticket } = yield* tickets.issue(identity, "1.2.3.4")
      assert.strictEqual(expiresAt, 30_000)
      assert.deepStrictEqual(yield* tickets.redeem(ticket, request("web")), identity)
      assert.strictEqual((yield* Effect.flip(tickets.redeem(ticket, request("web")))).status, 401)
      const late = yield* tickets.issue(identity, "1.2.3.4")
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual((yield* Effect.flip(tickets.redeem(late.ticket, request("web")))).status, 401)
    }).pipe(Effect.provide(layer)))

  it.effect("of many who bring the same ticket at once exactly one comes in", () =>
    Effect.gen(function*() {
      const tickets = yield* Tickets
      const { ticket } = yield* tickets.issue(identity, "1.2.3.4")
      const exits = yield* Effect.forEach(
        Array.from({ length: 50 }),
        () => Effect.exit(tickets.redeem(ticket, request("web"))),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(exits.filter((exit) => exit._tag === "Success").length, 1)
    }).pipe(Effect.provide(layer)))

  it.effect("with another device or from another address it is spent and opens nothing", () =>
    Effect.gen(function*() {
      const tickets = yield* Tickets
      for (const wrong of [request("phone"), request(undefined), request("web", "6.6.6.6"), request("not a device")]) {
        const { ticket } = yield* tickets.issue(identity, "1.2.3.4")
        yield* Effect.flip(tickets.redeem(ticket, wrong))
        yield* Effect.flip(tickets.redeem(ticket, request("web")))
      }
      yield* Effect.flip(tickets.redeem("made up", request("web")))
    }).pipe(Effect.provide(layer)))

  it.effect("a flood of tickets is bounded, and the youngest work", () =>
    Effect.gen(function*() {
      const tickets = yield* Tickets
      const first = yield* tickets.issue(identity, "1.2.3.4")
      for (let i = 0; i < 20_000; i++) yield* tickets.issue(identity, "1.2.3.4")
      const last = yield* tickets.issue(identity, "1.2.3.4")
      yield* Effect.flip(tickets.redeem(first.ticket, request("web")))
      yield* tickets.redeem(last.ticket, request("web"))
    }).pipe(Effect.provide(layer)))
})

describe("AuditLog", () => {
  /** Runs it and returns the lines with their fields. */
  const linesOf = (record: Effect.Effect<void, never, AuditLog>, names?: (user: string) => string) =>
    Effect.gen(function*() {
      const lines: Array<{ readonly event: unknown; readonly fields: Record<string, unknown> }> = []
      const logger = Logger.make<unknown, void>(({ fiber, message }) => {
        lines.push({
          event: Array.isArray(message) ? message[0] : message,
          fields: { ...fiber.getRef(References.CurrentLogAnnotations) }
        })
      })
      yield* record.pipe(
        Effect.provide(
          AuditLog.layer.pipe(
            Layer.provide(names === undefined ? Layer.empty : Layer.succeed(UserNames, names)),
            Layer.provideMerge(Logger.layer([logger]))
          )
        )
      )
      return lines
    })

  const record = (fields: Record<string, string | number | undefined>) =>
    Effect.flatMap(AuditLog, (audit) => audit.record("Door.opened", fields))

  it.effect("writes fields; line ends, escapes and characters that turn text around are made visible", () =>
    Effect.gen(function*() {
      const [line] = yield* linesOf(
        record({ user: "alice", reason: "a\r\nINFO forged\u001b[2J\u202Eevil", status: 401, no: undefined })
      )
      assert.deepStrictEqual(line, {
        event: "Door.opened",
        fields: { user: "alice", reason: "a\\u000d\\u000aINFO forged\\u001b[2J\\u202eevil", status: 401 }
      })
      assert.strictEqual(neutralised("x".repeat(10_000)).length, 200)
    }))

  it.effect("shows users as marks when asked to: the same for the same, and not to be turned back by counting", () =>
    Effect.gen(function*() {
      const both = Effect.andThen(record({ user: "+15550001" }), record({ user: "+15550001" }))
      const [one, two] = yield* linesOf(both, redacting())
      const [other] = yield* linesOf(both, redacting())
      assert.deepStrictEqual(one, two)
      assert.match(String(one?.fields["user"]), /^user-[0-9a-f]{12}$/)
      assert.notStrictEqual(other?.fields["user"], one?.fields["user"])
    }))

  it.effect("an attack does not fill the disk: lines are few, and what was left out is counted", () =>
    Effect.gen(function*() {
      const lines = yield* linesOf(Effect.gen(function*() {
        for (let i = 0; i < 10_000; i++) yield* record({ status: 401 })
        yield* TestClock.adjust("1 second")
        yield* record({ status: 403 })
      }))
      assert.isAtMost(lines.length, 60)
      assert.strictEqual(lines.at(-1)?.fields["suppressed"], 10_000 - (lines.length - 1))
    }))

  it.effect("an attack hides nothing else, and its end is counted too", () =>
    Effect.gen(function*() {
      const lines = yield* linesOf(Effect.gen(function*() {
        const audit = yield* AuditLog
        for (let i = 0; i < 10_000; i++) yield* audit.record("Admission.refused", { status: 401 })
        yield* audit.record("Bans.banned", { user: "mallory" })
        yield* TestClock.adjust("1 minute")
      }))
      assert.deepStrictEqual(lines.slice(-2), [
        { event: "Bans.banned", fields: { user: "mallory" } },
        { event: "Admission.refused", fields: { suppressed: 10_000 - (lines.length - 2) } }
      ])
    }))

  it.effect("hides nothing that an administrator does, however much that is", () =>
    Effect.gen(function*() {
      const lines = yield* linesOf(Effect.gen(function*() {
        const audit = yield* AuditLog
        for (let i = 0; i < 1_000; i++) yield* audit.record("Admin.refused", { reason: "wrong token" })
        for (let i = 0; i < 200; i++) yield* audit.record("Admin.erased", { user: `user-${i}` })
      }))
      assert.lengthOf(lines.filter(({ event }) => event === "Admin.erased"), 200)
      assert.isAtMost(lines.length, 260)
    }))
})
