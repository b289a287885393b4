/** What a bucket says when it does not do what it is asked, for whoever runs the server. No credentials are in it. */
import { FileStoreError } from "./FileStore.ts"

export interface S3Refusal {
  readonly status: number
  /** As S3 calls it; empty where it says nothing. */
  readonly code: string
  /** Where the bucket really is, if it says so. */
  readonly region?: string | undefined
}

/** The answers are XML, and all that is of interest are a few plain elements. */
export const elementOf = (xml: string, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]

const fullCodes = new Set(["QuotaExceeded", "XMinioStorageFull", "XMinioBucketQuotaExceeded", "EntityTooLarge"])

export const s3Errors = (bucket: string, endpoint: string) => {
  const where = `The bucket ${bucket} at ${endpoint}`
  const unavailable = (message: string, cause?: unknown) =>
    new FileStoreError({ kind: "unavailable", message, ...(cause === undefined ? undefined : { cause }) })

  const refused = ({ code, region, status }: S3Refusal): FileStoreError => {
    const why = code === "" ? String(status) : code
    if (status === 507 || fullCodes.has(code)) {
      return new FileStoreError({ kind: "full", message: `${where} has no more room (${why}); make some.` })
    }
    if (code === "NoSuchBucket") return unavailable(`${where} is not there; make it or choose another with --files.`)
    if (code === "RequestTimeTooSkewed") {
      return unavailable(`${where} refuses, because its clock and this one differ; set both by NTP.`)
    }
    if (status === 301 || status === 307 || code === "AuthorizationHeaderMalformed") {
      const other = region === undefined ? "another region" : `the region ${region}`
      return unavailable(`${where} is in ${other}; give it as region= in --files.`)
    }
    if (status === 401 || status === 403) {
      return unavailable(`${where} refuses (${why}); check the AWS credentials and what they may do.`)
    }
    return unavailable(`${where} does not do what it is asked (${why}); see to it.`)
  }

  const unreachable = (cause: unknown): FileStoreError => {
    if (cause instanceof FileStoreError) return cause
    const code = typeof cause === "object" && cause !== null && "code" in cause ? ` (${String(cause.code)})` : ""
    return unavailable(`${where} cannot be reached${code}; see that it runs.`, cause)
  }

  return { where, refused, unreachable, silent: () => unavailable(`${where} does not answer in time; see to it.`) }
}
