/** Certificates made here, as openssl makes them. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync, spawnSync } from "node:child_process"
import { chmodSync, copyFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { tlsCheck } from "../../../src/cli/doctor/tls.ts"
import { temporaryDirectory } from "../../support/stores.ts"
import { foundBy } from "../../support/verdicts.ts"

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0

const looked = (cert: string, key: string) =>
  Effect.map(foundBy([tlsCheck({ cert, key })], 30_000), (lines) => lines.join("\n"))

const certificates = Effect.map(temporaryDirectory, (directory) => {
  const file = (name: string) => join(directory, name)
  const openssl = (...args: ReadonlyArray<string>) => execFileSync("openssl", args, { cwd: directory, stdio: "ignore" })
  return {
    file,
    openssl,
    selfSigned: (name: string, days: number, ...more: ReadonlyArray<string>) => {
      const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
      const files = ["-keyout", `${name}.key`, "-out", `${name}.pem`]
      openssl("req", "-x509", ...ec, ...files, "-days", String(days), "-subj", `/CN=${name}`, ...more)
      return [file(`${name}.pem`), file(`${name}.key`)] as const
    }
  }
})

const named = ["-addext", "subjectAltName=DNS:chat.example.com,IP:127.0.0.1"]

describe.skipIf(!hasOpenssl)("the doctor, of TLS files", () => {
  it.live("whole, soon over, of another key, without a name, open to all", () =>
    Effect.gen(function*() {
      const { file, selfSigned } = yield* certificates
      const [cert, key] = selfSigned("good", 90, ...named)
      const good = yield* looked(cert, key)
      assert.match(good, /^ok tls: The certificate for DNS:chat\.example\.com, IP Address:127\.0\.0\.1 is of the key/)
      assert.notInclude(good, "\n")
      const [soon, soonKey] = selfSigned("soon", 3, ...named)
      assert.match(yield* looked(soon, soonKey), /^warning tls: .* ends in [23] days; see that it is renewed\.$/)
      assert.match(yield* looked(cert, soonKey), /^failed tls: The certificate is not of the key/)
      const [nameless, namelessKey] = selfSigned("nameless", 90)
      assert.match(yield* looked(nameless, namelessKey), /^failed tls: The certificate names no host/)
      copyFileSync(key, file("open.key"))
      chmodSync(file("open.key"), 0o644)
      assert.match(yield* looked(cert, file("open.key")), /^warning tls: Everybody on this machine may read the key/m)
    }).pipe(Effect.scoped), 60_000)

  it.live("with and without its issuer", () =>
    Effect.gen(function*() {
      const { file, openssl, selfSigned } = yield* certificates
      selfSigned("ca", 90)
      openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/CN=leaf")
      writeFileSync(file("ext"), "subjectAltName=DNS:chat.example.com")
      const by = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"]
      openssl("x509", "-req", "-in", "leaf.csr", ...by, "-days", "60", "-out", "leaf.pem", "-extfile", "ext")
      assert.match(yield* looked(file("leaf.pem"), file("leaf.key")), /^warning tls: .*Its issuer's certificate is not/)
      const read = (name: string) => execFileSync("cat", [file(name)], { encoding: "utf8" })
      writeFileSync(file("chain.pem"), read("leaf.pem") + read("ca.pem"))
      assert.match(yield* looked(file("chain.pem"), file("leaf.key")), /^ok tls: /)
      writeFileSync(file("wrong.pem"), read("ca.pem") + read("leaf.pem"))
      assert.match(yield* looked(file("wrong.pem"), file("leaf.key")), /^failed tls: The certificate is not of the key/)
    }).pipe(Effect.scoped), 60_000)

  it.live("what is none is told as what it is", () =>
    Effect.gen(function*() {
      const { file, openssl, selfSigned } = yield* certificates
      const [cert, key] = selfSigned("good", 90, ...named)
      writeFileSync(file("empty"), "")
      writeFileSync(file("broken.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
      openssl("pkey", "-in", key, "-aes256", "-passout", "pass:hidden", "-out", "closed.key")
      assert.match(yield* looked(file("none"), key), /^failed tls: .*none cannot be read \(ENOENT/)
      assert.match(yield* looked(cert, file("none")), /^failed tls: .*none cannot be read/)
      assert.match(yield* looked(file("."), key), /^failed tls: .* is no PEM file/)
      assert.match(yield* looked("/dev/zero", key), /^failed tls: .* is no PEM file/)
      assert.match(yield* looked(file("empty"), key), /^failed tls: There is no certificate/)
      assert.match(yield* looked(key, cert), /^failed tls: There is no certificate/)
      assert.match(yield* looked(file("broken.pem"), key), /^failed tls: The certificate cannot be read/)
      assert.match(yield* looked(cert, file("empty")), /^failed tls: The key cannot be read/)
      assert.match(yield* looked(cert, file("closed.key")), /^failed tls: The key has a passphrase/)
    }).pipe(Effect.scoped), 60_000)
})
