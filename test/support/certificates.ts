/** Certificates as people have them, made by OpenSSL while a test runs. */
import { execFileSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const openssl = (...args: ReadonlyArray<string>): void => {
  execFileSync("openssl", args, { stdio: ["ignore", "ignore", "pipe"] })
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

const localhost = "subjectAltName=DNS:localhost,IP:127.0.0.1"

export interface Made {
  readonly cert: string
  readonly key: string
}

/** Signed by itself, for localhost. */
export const selfSigned = (directory: string, name = "server", days = 90): Made => {
  const made = { cert: join(directory, `${name}.pem`), key: join(directory, `${name}.key`) }
  const files = ["-keyout", made.key, "-out", made.cert]
  openssl("req", "-x509", ...newKey, ...files, "-days", String(days), "-subj", `/CN=${name}`, "-addext", localhost)
  return made
}

/** Of an authority of one's own, over one between: `cert` has both in it, and `ca` is what clients trust. */
export const ofAuthority = (directory: string, name: string): Made & { readonly ca: string } => {
  const at = (file: string) => join(directory, `${name}-${file}`)
  const subject = (who: string) => ["-subj", `/CN=${name} ${who}`]
  openssl("req", "-x509", ...newKey, "-keyout", at("ca.key"), "-out", at("ca.pem"), "-days", "90", ...subject("root"))
  const sign = (who: string, issuer: string, extensions: string) => {
    openssl("req", ...newKey, "-keyout", at(`${who}.key`), "-out", at(`${who}.csr`), ...subject(who))
    writeFileSync(at("extensions"), extensions)
    const from = ["-CA", at(`${issuer}.pem`), "-CAkey", at(`${issuer}.key`), "-CAcreateserial"]
    const to = ["-out", at(`${who}.pem`), "-days", "90", "-extfile", at("extensions")]
    openssl("x509", "-req", "-in", at(`${who}.csr`), ...from, ...to)
  }
  sign("between", "ca", "basicConstraints=critical,CA:true")
  sign("server", "between", localhost)
  const chain = at("chain.pem")
  writeFileSync(chain, readFileSync(at("server.pem"), "utf8") + readFileSync(at("between.pem"), "utf8"))
  return { cert: chain, key: at("server.key"), ca: at("ca.pem") }
}

/** The key, kept under a passphrase. */
export const encrypted = (key: string): string => {
  openssl("pkcs8", "-topk8", "-in", key, "-out", `${key}.encrypted`, "-v2", "aes-256-cbc", "-passout", "pass:secret")
  return `${key}.encrypted`
}

/** The certificate, not as text. */
export const asDer = (cert: string): string => {
  openssl("x509", "-in", cert, "-outform", "der", "-out", `${cert}.der`)
  return `${cert}.der`
}
