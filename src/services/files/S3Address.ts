/** Where a bucket is, as one address: `s3://bucket/prefix?endpoint=https://…&region=…&style=path`. */
import { Result } from "effect"

export interface S3Address {
  readonly bucket: string
  /** What all keys begin with; empty, or with a `/` at its end. */
  readonly prefix: string
  /** `undefined`: Amazon's, of the region. */
  readonly endpoint?: string
  /** `undefined`: what `AWS_REGION` says. */
  readonly region?: string
  /** Whether the bucket is in the path or in the name of the host. By default the host on Amazon, the path elsewhere. */
  readonly style?: "path" | "host"
}

export const isS3 = (place: string): boolean => /^s3:/i.test(place)

/** What a prefix may have: with these a key is the same in a path, a query and a list. */
const plainPrefix = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)*$/

export const isEndpoint = (endpoint: string): boolean => {
  if (!URL.canParse(endpoint)) return false
  const { hash, pathname, protocol, search } = new URL(endpoint)
  return (protocol === "http:" || protocol === "https:") && pathname === "/" && search === "" && hash === ""
}

const example = "an address such as s3://bucket/prefix?endpoint=https://s3.example.com&region=eu-central-1"

/** Or what is wrong with it, in words for whoever wrote it. No credentials are ever in it, nor in what is said of it. */
export const parseS3 = (address: string): Result.Result<S3Address, string> => {
  const wrong = (sentence: string) => Result.fail(sentence)
  if (!URL.canParse(address)) return wrong(`Give --files a folder, or ${example}.`)
  const url = new URL(address)
  if (url.username !== "" || url.password !== "") {
    return wrong("Take the credentials out of --files; give them as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
  }
  const bucket = url.hostname
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket) || url.port !== "") {
    return wrong(`There is no good name of a bucket in --files; give it ${example}.`)
  }
  const path = url.pathname.replace(/^\//, "")
  const prefix = path === "" || path.endsWith("/") ? path : `${path}/`
  if (!plainPrefix.test(prefix)) return wrong("The prefix in --files may have letters, digits and . _ - / only.")
  for (const name of url.searchParams.keys()) {
    if (!["endpoint", "region", "style"].includes(name)) {
      return wrong(`--files has "${name}=", which means nothing there; a bucket has endpoint, region and style.`)
    }
  }
  const endpoint = url.searchParams.get("endpoint") ?? undefined
  if (endpoint !== undefined && !isEndpoint(endpoint)) {
    return wrong("Give endpoint= in --files an address such as https://s3.example.com, without a path.")
  }
  const region = url.searchParams.get("region") ?? undefined
  if (region !== undefined && !/^[a-z0-9-]{1,64}$/i.test(region)) {
    return wrong("Give region= in --files the name of a region such as eu-central-1.")
  }
  const style = url.searchParams.get("style") ?? undefined
  if (style !== undefined && style !== "path" && style !== "host") return wrong("Give style= in --files path or host.")
  return Result.succeed({
    bucket,
    prefix,
    ...(endpoint === undefined ? undefined : { endpoint }),
    ...(region === undefined ? undefined : { region }),
    ...(style === undefined ? undefined : { style })
  })
}
