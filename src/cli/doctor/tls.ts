/** Whether a certificate and its key are there, fit each other, and are good for a while. */
import { Clock, DateTime, Effect } from "effect"
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto"
import { readFile, stat } from "node:fs/promises"
import { type Check, failed, ok, type Verdict, warning, whyOf } from "./Check.ts"

const check = "tls"

const dayMillis = 86_400_000

/** Issuers that renew by themselves do it thirty days before the end. */
const soonDays = 21

export interface Certificate {
  readonly notBefore: number
  readonly notAfter: number
  /** As the certificate says them: `DNS:chat.example.com, IP Address:10.0.0.1`. */
  readonly names: string | undefined
  readonly matchesKey: boolean
  /** Whether it was issued by somebody else, whose certificate is not in the file. */
  readonly isWithoutIssuer: boolean
}

const dayOf = (millis: number): string => DateTime.formatIsoDateUtc(DateTime.makeUnsafe(millis))

export const certificateVerdict = (certificate: Certificate, now: number): Verdict => {
  const { isWithoutIssuer, matchesKey, names, notAfter, notBefore } = certificate
  if (!matchesKey) {
    return failed(check, "The certificate is not of the key; give --tls-cert and --tls-key that belong together.")
  }
  if (now >= notAfter) {
    return failed(check, `The certificate ended on ${dayOf(notAfter)}; get a new one from its issuer.`)
  }
  if (now < notBefore) {
    return failed(check, `The certificate begins on ${dayOf(notBefore)}; check the clock, or wait for it.`)
  }
  if (names === undefined) {
    return failed(check, "The certificate names no host (subjectAltName), so no client takes it; get one that does.")
  }
  const days = Math.floor((notAfter - now) / dayMillis)
  if (days < soonDays) {
    return warning(check, `The certificate for ${names} ends in ${days} days; see that it is renewed.`)
  }
  const good = `The certificate for ${names} is of the key, and good for ${days} days.`
  return isWithoutIssuer
    ? warning(
      check,
      `${good} Its issuer's certificate is not in the file; put it after the other, for clients that lack it.`
    )
    : ok(check, good)
}

const pem = /-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs

/** What stands in two files that were read; a sentence where it cannot be understood. */
export const certificateOf = (certificates: string, privateKey: string): Certificate | string => {
  const chain: Array<X509Certificate> = []
  for (const [each] of certificates.matchAll(pem)) {
    try {
      chain.push(new X509Certificate(each))
    } catch {
      return "The certificate cannot be read; give --tls-cert a PEM file."
    }
  }
  const [leaf, ...issuers] = chain
  if (leaf === undefined) return "There is no certificate in the file of --tls-cert; give it a PEM file."
  let key: KeyObject
  try {
    key = createPrivateKey(privateKey)
  } catch {
    return privateKey.includes("ENCRYPTED")
      ? "The key has a passphrase, which nobody can be asked for; give --tls-key one without."
      : "The key cannot be read; give --tls-key a private key as PEM."
  }
  return {
    notBefore: leaf.validFromDate.getTime(),
    notAfter: leaf.validToDate.getTime(),
    names: leaf.subjectAltName,
    matchesKey: leaf.checkPrivateKey(key),
    isWithoutIssuer: leaf.issuer !== leaf.subject && !issuers.some((issuer) => leaf.checkIssued(issuer))
  }
}

/** More than any chain of certificates has. */
const maxBytes = 1_048_576

const attempt = <A>(path: string, what: () => Promise<A>) =>
  Effect.tryPromise({
    try: what,
    catch: (error) => failed(check, `${path} cannot be read (${whyOf(error)}); check the path and the rights.`)
  })

const read = Effect.fnUntraced(function*(path: string) {
  const info = yield* attempt(path, () => stat(path))
  if (!info.isFile() || info.size > maxBytes) return yield* Effect.fail(failed(check, `${path} is no PEM file.`))
  return yield* attempt(path, () => readFile(path, "utf8"))
})

/** For the files of `--tls-cert` and `--tls-key`. */
export const tlsCheck = (paths: { readonly cert: string; readonly key: string }): Check => ({
  name: check,
  run: Effect.gen(function*() {
    const certificate = certificateOf(yield* read(paths.cert), yield* read(paths.key))
    if (typeof certificate === "string") return [failed(check, certificate)]
    const verdict = certificateVerdict(certificate, yield* Clock.currentTimeMillis)
    return ((yield* attempt(paths.key, () => stat(paths.key))).mode & 0o004) === 0
      ? [verdict]
      : [verdict, warning(check, `Everybody on this machine may read the key ${paths.key}; "chmod 600" it.`)]
  }).pipe(Effect.catch((verdict) => Effect.succeed([verdict])))
})
