/** A certificate and its key, from files in PEM: whatever is wrong with them is one sentence that names the file. */
import { Effect, Schema } from "effect"
import { constants, createPrivateKey, X509Certificate } from "node:crypto"
import type { BigIntStats } from "node:fs"
import { readFile, stat } from "node:fs/promises"
import { createSecureContext, type SecureContextOptions } from "node:tls"

export interface TlsFiles {
  /** The server's certificate, and after it those between it and the root, in PEM. */
  readonly cert: string
  /** Its key in PEM, without a passphrase. It may be the same file. */
  readonly key: string
}

/** The files will not do. `message` is one sentence for whoever started the server. */
export class TlsError extends Schema.TaggedError<TlsError>()("TlsError", { message: Schema.String }) {}

export interface Certificate {
  /** What a server of Node takes. */
  readonly context: SecureContextOptions
  readonly subject: string
  /** Whom it is for, as `DNS:chat.example.com, IP Address:192.0.2.1`. */
  readonly names: string
  /** Milliseconds since the epoch. */
  readonly validFrom: number
  readonly validTo: number
}

/** No chain is longer. */
const maxBytes = 1_048_576

const fail = (message: string) => Effect.fail(new TlsError({ message }))

const codeOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error ? String(error.code) : "unknown"

const unreadable = (what: string, file: string) => (error: unknown): TlsError => {
  const code = codeOf(error)
  const message = code === "ENOENT" || code === "ENOTDIR"
    ? `The ${what} ${file} is not there; give the path of a PEM file.`
    : code === "EACCES"
    ? `The ${what} ${file} may not be read by this user; give it the right to.`
    : `The ${what} ${file} cannot be read (${code}); give the path of a PEM file.`
  return new TlsError({ message })
}

const text = Effect.fnUntraced(function*(what: string, file: string) {
  const orTell = unreadable(what, file)
  const stats = yield* Effect.tryPromise({ try: () => stat(file), catch: orTell })
  if (!stats.isFile()) return yield* fail(`The ${what} ${file} is no file; give the path of a PEM file.`)
  if (stats.size > maxBytes) return yield* fail(`The ${what} ${file} is larger than 1 MiB; give a PEM file.`)
  // Latin-1 keeps what is no text as it is.
  return yield* Effect.tryPromise({ try: () => readFile(file, "latin1"), catch: orTell })
})

const certificates = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----.*?-----END (?:X509 |TRUSTED )?CERTIFICATE-----/gs
const privateKey = /-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY)-----.*?-----END \1-----/s
const encryptedKey = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m

const isDer = (pem: string): boolean => pem.startsWith("0")

/** The chain, the server's own first; OpenSSL gets it without what editors and tools put around it. */
const chainIn = Effect.fnUntraced(function*(pem: string, file: string) {
  const blocks = pem.match(certificates) ?? []
  if (blocks.length === 0) {
    return yield* fail(
      privateKey.test(pem) || encryptedKey.test(pem)
        ? `${file} has a key and no certificate; give the certificate, and the key as the key.`
        : isDer(pem)
        ? `${file} is no PEM; convert it with "openssl x509 -inform der -in ${file}".`
        : `${file} has no certificate in PEM; give a file with "-----BEGIN CERTIFICATE-----" in it.`
    )
  }
  const chain = yield* Effect.forEach(blocks, (block, i) =>
    Effect.try({
      try: () => new X509Certificate(block),
      catch: () =>
        new TlsError({ message: `Certificate ${i + 1} of ${file} is damaged; put a whole one in its place.` })
    }))
  return { cert: blocks.join("\n"), own: chain[0]! }
})

const keyIn = Effect.fnUntraced(function*(pem: string, file: string) {
  if (encryptedKey.test(pem)) {
    return yield* fail(`The key ${file} has a passphrase; take it off with "openssl pkey -in ${file} -out …".`)
  }
  const [key] = privateKey.exec(pem) ?? []
  if (key === undefined) {
    return yield* fail(
      isDer(pem)
        ? `${file} is no PEM; convert it with "openssl pkey -inform der -in ${file}".`
        : `${file} has no private key in PEM; give a file with "-----BEGIN PRIVATE KEY-----" in it.`
    )
  }
  const secret = yield* Effect.try({
    try: () => createPrivateKey({ key, format: "pem" }),
    catch: () => new TlsError({ message: `The key ${file} is damaged; put a whole one in its place.` })
  })
  return { key, secret }
})

/** TLS 1.2 and 1.3, and a session's keys are agreed on once: nobody may have the server do it again and again. */
const contextOf = (cert: string, key: string): SecureContextOptions => ({
  cert,
  key,
  minVersion: "TLSv1.2",
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION
})

/** Reads and checks them. One that has expired passes: its server serves those who do not mind. */
export const read = Effect.fnUntraced(function*(files: TlsFiles): Effect.fn.Return<Certificate, TlsError> {
  const certText = yield* text("certificate", files.cert)
  const keyText = yield* text("key", files.key)
  const { cert, own } = yield* chainIn(certText, files.cert)
  const { key, secret } = yield* keyIn(keyText, files.key)
  if (!own.checkPrivateKey(secret)) {
    return yield* fail(
      `The key ${files.key} does not belong to the certificate ${files.cert}; give the two that were made together, the server's own certificate first.`
    )
  }
  const context = contextOf(cert, key)
  yield* Effect.try({
    try: () => createSecureContext(context),
    catch: (error) =>
      new TlsError({
        message: `OpenSSL does not take the certificate ${files.cert} (${codeOf(error)}); have a stronger one made.`
      })
  })
  return {
    context,
    subject: own.subject.replaceAll("\n", ", "),
    names: own.subjectAltName ?? "",
    validFrom: own.validFromDate.getTime(),
    validTo: own.validToDate.getTime()
  }
})

const markOf = ({ ctimeNs, dev, ino, mtimeNs, size }: BigIntStats): string => [dev, ino, size, mtimeNs, ctimeNs].join()

/** Changes when one of the files does, also where a link to it, or to its directory, leads elsewhere. */
export const mark = (files: TlsFiles): Effect.Effect<string> => {
  const of = (file: string) =>
    Effect.orElseSucceed(
      Effect.map(Effect.tryPromise(() => stat(file, { bigint: true })), markOf),
      () => "none"
    )
  return Effect.map(Effect.all([of(files.cert), of(files.key)]), (both) => both.join("/"))
}
