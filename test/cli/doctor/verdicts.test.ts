/** What the doctor says of what it has seen. */
import { assert, describe, it } from "@effect/vitest"
import { generateKeyPairSync, type KeyObject } from "node:crypto"
import { bytes, type Verdict } from "../../../src/cli/doctor/Check.ts"
import { clockVerdict } from "../../../src/cli/doctor/clock.ts"
import { keySetVerdict } from "../../../src/cli/doctor/keys.ts"
import { memoryOf, memoryVerdict, nodeVerdict, openFilesVerdict, softLimitOf } from "../../../src/cli/doctor/machine.ts"
import { occupantVerdicts } from "../../../src/cli/doctor/port.ts"
import * as pg from "../../../src/cli/doctor/postgresVerdicts.ts"
import { infoOf, redisAddressVerdict, redisVerdict } from "../../../src/cli/doctor/redis.ts"
import * as sqlite from "../../../src/cli/doctor/sqliteVerdicts.ts"
import { type Certificate, certificateVerdict } from "../../../src/cli/doctor/tls.ts"
import { webhookVerdict } from "../../../src/cli/doctor/webhook.ts"

type Seen = Verdict | undefined

const gib = 1_073_741_824

/** Its status, and a part of its sentence; every sentence has an end, and what is not well says what to do. */
const says = (name: string, seen: Seen, status: Verdict["status"] | undefined, part: RegExp = /./) =>
  it(name, () => {
    assert.strictEqual(seen?.status, status, seen?.message)
    if (seen === undefined) return
    assert.match(seen.message, part)
    assert.match(seen.message, /\.$/)
  })

describe("the machine", () => {
  says("files enough", openFilesVerdict(20_000, 10_000), "ok", /20000 may be open/)
  says("files for some", openFilesVerdict(1_024, 10_000), "warning", /about 924 of 10000.*10100 or more/)
  says("hardly any files", openFilesVerdict(64, 10_000), "failed", /about 0 of/)
  says("no limit", openFilesVerdict(Number.POSITIVE_INFINITY, 10_000), "ok")
  says("no such system", openFilesVerdict(undefined, 10_000), "ok")
  it("the soft limit is the one in force", () => {
    assert.strictEqual(softLimitOf("Max open files            1024                 524288               files"), 1_024)
    assert.strictEqual(softLimitOf("Max open files unlimited unlimited files"), Number.POSITIVE_INFINITY)
    assert.isUndefined(softLimitOf("something else"))
  })
  const memory = (limit: number, available: number) => memoryVerdict({ limit, available, isContainer: true }, 10_000)
  says("memory enough", memory(gib, gib / 2), "ok", /The container may have 1\.0 GiB/)
  says("a small container", memory(gib / 4, gib / 8), "warning", /10000 connections need about 486 MiB: give it more/)
  says("a tiny container", memory(gib / 8, gib / 10), "failed", /before anybody comes/)
  says("hardly any memory left", memory(gib, gib / 32), "warning", /stop something/)
  it("a container's limit counts where it is one", () => {
    assert.deepStrictEqual(memoryOf(gib, 8 * gib, 5), { limit: gib, isContainer: true, available: 5 })
    assert.deepStrictEqual(memoryOf(2 ** 64, 8 * gib, 5), { limit: 8 * gib, isContainer: false, available: 5 })
    assert.deepStrictEqual(memoryOf(0, 8 * gib, 5), { limit: 8 * gib, isContainer: false, available: 5 })
  })
  says("a good Node", nodeVerdict("22.19.0"), "ok")
  says("a newer Node", nodeVerdict("26.0.0"), "ok")
  says("Bun", nodeVerdict("26.3.0", "1.4.5"), "ok", /^Bun 1\.4\.5, which is like Node 26\.3\.0\.$/)
  says("an old Node", nodeVerdict("22.18.9"), "failed", /older than 22\.19; install a newer one/)
  it("sizes are readable", () => {
    assert.deepStrictEqual([0, 1_023, 1_024, 1.5 * gib, 200 * gib, 2_000 * gib * 1_024].map(bytes), [
      "0 bytes",
      "1023 bytes",
      "1.0 KiB",
      "1.5 GiB",
      "200 GiB",
      "2000 TiB"
    ])
  })
})

describe("the clock", () => {
  const against = (other: number, before = 100_000, after = 100_040) => clockVerdict("Redis", { before, after, other })
  says("the same", against(100_020), "ok")
  says("within what the question took", against(103_000, 100_000, 104_000), "ok")
  says("half a second, no more", against(99_500), "ok")
  says("ahead", against(98_000), "warning", /It is 2000 ms ahead of Redis; set both by NTP/)
  says("behind", against(140_040), "warning", /It is 40 s behind Redis/)
  says("far off", against(3_700_040), "failed", /It is 3600 s behind/)
})

describe("SQLite", () => {
  says("a disk", sqlite.fileSystemVerdict(0xef53), undefined)
  says("a network", sqlite.fileSystemVerdict(0x6969), "warning", /on NFS, whose locks/)
  says("memory", sqlite.fileSystemVerdict(0x01021994), "warning", /tmpfs, in memory/)
  says("a container's layer", sqlite.fileSystemVerdict(0x794c7630), "warning", /put it on a volume/)
  says("a prototype's name is no file system", sqlite.fileSystemVerdict(Number.NaN), undefined)
  says("its owner", sqlite.ownerVerdict("a.db", { file: 1_000, process: 1_000 }), undefined)
  says("somebody else", sqlite.ownerVerdict("a.db", { file: 1_000, process: 0 }), "warning", /as user 1000/)
  says("room", sqlite.roomVerdict({ free: 2 * gib, size: gib }), "ok")
  says("no room for a copy", sqlite.roomVerdict({ free: gib, size: 2 * gib }), "warning", /backup/)
  says("no room", sqlite.roomVerdict({ free: 50_000_000, size: 1 }), "failed", /make room/)
  const trial = { journalMode: "wal", synchronous: 2, commitMillis: 1 }
  says("a good disk", sqlite.trialVerdict(trial), "ok", /after 1\.0 ms/)
  says("a slow disk", sqlite.trialVerdict({ ...trial, commitMillis: 80 }), "warning", /slow/)
  says("no log there", sqlite.trialVerdict({ ...trial, journalMode: "delete" }), "failed", /journal_mode is delete/)
  says("not on the disk", sqlite.trialVerdict({ ...trial, synchronous: 1 }), "failed", /can be lost/)
  says("a whole file", sqlite.integrityVerdict("a.db", ["ok"]), "ok")
  says(
    "a damaged file",
    sqlite.integrityVerdict("a.db", ["row 5 missing"]),
    "failed",
    /row 5 missing.*restore a backup/
  )
})

describe("Postgres", () => {
  const durability = { fsync: "on", synchronousCommit: "on", fullPageWrites: "on" }
  says("a good version", pg.versionVerdict(150_004), "ok", /15\.4/)
  says("an old version", pg.versionVerdict(140_010), "failed", /14\.10; Switchboard needs 15/)
  says("durable", pg.durabilityVerdict(durability), "ok")
  says("durable on a standby too", pg.durabilityVerdict({ ...durability, synchronousCommit: "remote_apply" }), "ok")
  for (const name of ["fsync", "synchronousCommit", "fullPageWrites"] as const) {
    says(`without ${name}`, pg.durabilityVerdict({ ...durability, [name]: "off" }), "failed", /may lose.*turn it on/)
  }
  says("a primary", pg.writableVerdict(false), undefined)
  says("a standby", pg.writableVerdict(true), "failed", /give --database-url the primary/)
  const connections = { max: 100, reserved: 3, used: 20, ours: 9 }
  says("connections", pg.connectionsVerdict(connections), "ok", /20 of 100/)
  says("hardly any connections", pg.connectionsVerdict({ ...connections, used: 90 }), "warning", /another server needs/)
  const rights = { role: "chat", migration: 8, newest: 8, mayCreate: false, closed: [] }
  says("all tables", pg.rightsVerdict(rights), "ok")
  says("a closed table", pg.rightsVerdict({ ...rights, closed: ["a", "b", "c", "d"] }), "failed", /a, b, c and others/)
  says("a newer database", pg.rightsVerdict({ ...rights, migration: 9 }), "failed", /update this one/)
  says("an empty one", pg.rightsVerdict({ ...rights, migration: 0, mayCreate: true }), "ok", /no tables yet/)
  says("an empty one, closed", pg.rightsVerdict({ ...rights, migration: 0 }), "failed", /GRANT it CREATE/)
  says("an older one, closed", pg.rightsVerdict({ ...rights, migration: 7 }), "failed", /migration 7 of 8/)
  const [tidy] = pg.vacuumVerdicts([{ name: "entries", live: 1_000_000, dead: 200_000 }], true)
  says("tidy", tidy, "ok")
  const [untidy, off] = pg.vacuumVerdicts([{ name: "entries", live: 100_000, dead: 200_000 }], false)
  says("a table that needs a vacuum", untidy, "warning", /run VACUUM \(ANALYZE\) entries/)
  says("no autovacuum", off, "warning", /autovacuum off/)
  says("young", pg.xidVerdict(200_000_000), undefined)
  says("old", pg.xidVerdict(1_200_000_000), "warning", /VACUUM \(FREEZE\)/)
  says("very old", pg.xidVerdict(2_000_000_000), "failed", /stops taking writes/)
  says("near", pg.distanceVerdict(0.4, gib), "ok", /0\.4 ms, and has 1\.0 GiB/)
  says("far", pg.distanceVerdict(80, gib), "warning", /put the server near it/)
})

describe("Redis", () => {
  says("near", redisVerdict({ version: "7.2.4", isValkey: false, millis: 0.2 }), "ok", /Redis 7\.2\.4 answers in 0\.2/)
  says("may not be asked", redisVerdict({ version: undefined, isValkey: false, millis: 1 }), "ok", /^Redis answers/)
  says("old", redisVerdict({ version: "6.2.0", isValkey: false, millis: 1 }), "failed", /update it/)
  says("far", redisVerdict({ version: "8.0.0", isValkey: true, millis: 90 }), "warning", /Valkey 8.*near it/)
  says("here", redisAddressVerdict(new URL("redis://localhost:6379")), undefined)
  says("open over a network", redisAddressVerdict(new URL("redis://10.0.0.1")), "warning", /without encryption/)
  says("no password", redisAddressVerdict(new URL("rediss://10.0.0.1")), "warning", /no password/)
  says("closed", redisAddressVerdict(new URL("rediss://u:p@10.0.0.1")), undefined)
  it("who it is", () => {
    assert.deepStrictEqual(infoOf("# Server\r\nredis_version:7.0.15\r\n"), { version: "7.0.15", isValkey: false })
    const valkey = "server_name:valkey\r\nredis_version:7.2.4\r\nvalkey_version:8.0.1\r\n"
    assert.deepStrictEqual(infoOf(valkey), { version: "8.0.1", isValkey: true })
    assert.deepStrictEqual(infoOf(""), { version: undefined, isValkey: false })
  })
})

describe("the port", () => {
  const place = { flag: "port", port: 8_080 } as const
  const occupied = (health: Parameters<typeof occupantVerdicts>[1]["health"], version?: string) =>
    occupantVerdicts(place, { health, version }, "1.2.3")
  const [ready, skew] = occupied({ status: "ready" }, "1.2.2")
  says("a server", ready, "ok", /running on port 8080, and ready/)
  says("of another version", skew, "warning", /Version 1\.2\.2 is running, and this is 1\.2\.3/)
  const [own, none] = occupied({ status: "ready" }, "1.2.3")
  says("of this version", own, "ok")
  says("of this version: nothing more", none, undefined)
  says("one that is not ready", occupied({ status: "not ready", reason: "store" })[0], "warning", /not ready \(store\)/)
  says("another program", occupied(undefined)[0], "failed", /choose another with --port/)
})

describe("a webhook's target", () => {
  const target = (address: string, status: number, location?: string) =>
    webhookVerdict(new URL(address), { status, location })
  says("answers", target("https://a.example/chat", 405), "ok", /a\.example answers/)
  says(
    "redirects",
    target("https://a.example/", 301, "https://b.example/"),
    "warning",
    /redirects to https:\/\/b\.example\//
  )
  says("is not there", target("https://a.example/", 404), "warning", /check the path/)
  says("has failed", target("https://a.example/", 503), "warning", /503/)
  says("without encryption", target("http://a.example/", 200), "warning", /https/)
  says("without encryption, here", target("http://localhost:1/", 200), "ok")
})

describe("TLS files", () => {
  const day = 86_400_000
  const now = Date.UTC(2026, 10, 26)
  const good: Certificate = {
    notBefore: now - day,
    notAfter: now + 90 * day,
    names: "DNS:chat.example.com",
    matchesKey: true,
    isWithoutIssuer: false
  }
  const verdict = (change: Partial<Certificate>) => certificateVerdict({ ...good, ...change }, now)
  says("good", verdict({}), "ok", /DNS:chat\.example\.com is of the key, and good for 90 days/)
  says("soon over", verdict({ notAfter: now + 3.5 * day }), "warning", /ends in 3 days/)
  says("over", verdict({ notAfter: now - day }), "failed", /ended on 2026-11-25/)
  says("not yet", verdict({ notBefore: now + day }), "failed", /begins on 2026-11-27/)
  says("of another key", verdict({ matchesKey: false }), "failed", /belong together/)
  says("without a name", verdict({ names: undefined }), "failed", /subjectAltName/)
  says("without its issuer", verdict({ isWithoutIssuer: true }), "warning", /put it after the other/)
})

describe("a key set", () => {
  const jwk = (key: KeyObject) => ({ ...key.export({ format: "jwk" }) })
  const rsa = (modulusLength: number) => jwk(generateKeyPairSync("rsa", { modulusLength }).publicKey)
  const ec = jwk(generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey)
  const ed = generateKeyPairSync("ed25519")
  const good = { ...rsa(2_048), kid: "a" }
  says("keys", keySetVerdict("id", [good, { ...ec, kid: "b" }]), "ok", /id publishes 2 usable keys/)
  says("one without a name", keySetVerdict("id", [ec]), "ok", /1 usable/)
  says("several without names", keySetVerdict("id", [good, ec]), "warning", /no names \(kid\)/)
  says("several of one name", keySetVerdict("id", [good, { ...ec, kid: "a" }]), "warning", /no names/)
  says("none", keySetVerdict("id", []), "failed", /publishes 0 keys/)
  says("too short", keySetVerdict("id", [rsa(1_024)]), "failed")
  says("for encryption", keySetVerdict("id", [{ ...good, use: "enc" }]), "failed")
  says("an unknown kind", keySetVerdict("id", [{ kty: "XYZ" }, { kty: "RSA", n: "!", e: 7 }, {}]), "failed")
  says("a secret", keySetVerdict("id", [good, { kty: "oct", k: "c2VjcmV0" }]), "warning", /anybody can sign/)
  const secret = { ...ed.privateKey.export({ format: "jwk" }), kid: "s" }
  says("a private key", keySetVerdict("id", [secret]), "warning", /publishes a secret/)
})
