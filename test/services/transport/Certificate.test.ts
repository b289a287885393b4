/** Whatever is wrong with the files of a certificate is one sentence that names the file and says what to do. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { read } from "../../../src/services/transport/Certificate.ts"
import { asDer, encrypted, ofAuthority, selfSigned } from "../../support/certificates.ts"
import { temporaryDirectory } from "../../support/stores.ts"

const text = (file: string) => readFileSync(file, "utf8")

const spoiled = (pem: string) => pem.replace(/\n.{20}/, "\n====================")

describe("Certificate.read", () => {
  it.live("refuses what will not do", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const at = (name: string) => join(directory, name)
      const good = selfSigned(directory, "good")
      const other = selfSigned(directory, "other")
      writeFileSync(at("nothing"), "")
      writeFileSync(at("damaged"), spoiled(text(good.cert)))
      writeFileSync(at("damaged.key"), spoiled(text(good.key)))
      writeFileSync(at("chain"), text(good.cert) + spoiled(text(other.cert)))
      writeFileSync(at("order"), text(other.cert) + text(good.cert))
      writeFileSync(at("large"), Buffer.alloc(2_000_000))
      const secret = encrypted(good.key)
      const cases: ReadonlyArray<readonly [cert: string, key: string, sentence: RegExp]> = [
        [at("no.pem"), good.key, /^The certificate \S+\/no\.pem is not there; give/],
        [good.cert, at("no.key"), /^The key \S+\/no\.key is not there; give/],
        [join(good.cert, "x"), good.key, /^The certificate \S+ is not there; give/],
        [`${directory}/\0`, good.key, /^The certificate .* cannot be read \(ERR_INVALID_ARG_VALUE\); give/],
        [directory, good.key, /^The certificate \S+ is no file; give/],
        ["/dev/zero", good.key, /^The certificate \/dev\/zero is no file; give/],
        [at("large"), good.key, /^The certificate \S+ is larger than 1 MiB; give/],
        [at("nothing"), good.key, /\/nothing has no certificate in PEM; give/],
        [good.key, good.cert, /\/good\.key has a key and no certificate; give/],
        [good.cert, good.cert, /\/good\.pem has no private key in PEM; give/],
        [asDer(good.cert), good.key, /\.der is no PEM; convert it with "openssl x509 -inform der/],
        [at("damaged"), good.key, /^Certificate 1 of \S+\/damaged is damaged; put/],
        [at("chain"), good.key, /^Certificate 2 of \S+\/chain is damaged; put/],
        [good.cert, at("damaged.key"), /^The key \S+\/damaged\.key is damaged; put/],
        [good.cert, other.key, /^The key \S+\/other\.key does not belong to the certificate \S+\/good\.pem; give/],
        [at("order"), good.key, /does not belong to the certificate \S+\/order; .* own certificate first\.$/],
        [good.cert, secret, /^The key \S+ has a passphrase; take it off with "openssl pkey/]
      ]
      for (const [cert, key, sentence] of cases) {
        const { message } = yield* Effect.flip(read({ cert, key }))
        assert.match(message, sentence)
        assert.match(message, /^[^\n]*; [^\n]*\.$/)
      }
    }).pipe(Effect.scoped))

  it.live("takes a chain, one file for both, and what tools and editors put around them", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const { cert, key } = ofAuthority(directory, "chat")
      const found = yield* read({ cert, key })
      assert.strictEqual(found.subject, "CN=chat server")
      assert.strictEqual(found.names, "DNS:localhost, IP Address:127.0.0.1")
      assert.lengthOf(String(found.context.cert).split("BEGIN"), 3)
      const both = join(directory, "both.pem")
      writeFileSync(both, `\uFEFFsubject=ä chat\r\n${text(key)}${text(cert).replaceAll("\n", "\r\n")}`)
      assert.strictEqual((yield* read({ cert: both, key: both })).subject, "CN=chat server")
      // As OpenSSL wrote the keys of elliptic curves before 3.0, and those of RSA.
      const parameters = execFileSync("openssl", ["ecparam", "-name", "prime256v1", "-genkey"])
      const legacy = join(directory, "legacy.key")
      writeFileSync(legacy, parameters)
      const request = ["req", "-x509", "-key", legacy, "-subj", "/CN=legacy", "-out", `${legacy}.pem`]
      execFileSync("openssl", request)
      assert.strictEqual((yield* read({ cert: `${legacy}.pem`, key: legacy })).subject, "CN=legacy")
    }).pipe(Effect.scoped))
})
