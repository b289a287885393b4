/** A page of metrics, read back. */
import { Effect } from "effect"

export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export const samplesOf = (page: string): ReadonlyArray<Sample> =>
  page.split("\n").filter((line) => line !== "" && !line.startsWith("#")).map((line) => {
    const [, name, labels = "", value] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line)!
    return {
      name: name!,
      labels: Object.fromEntries(Array.from(labels.matchAll(/([a-z]+)="([^"]*)"/g), ([, key, of]) => [key!, of!])),
      value: Number(value)
    }
  })

/** The sum of those with these labels. */
export const valueOf = (page: string, name: string, labels: Readonly<Record<string, string>> = {}): number =>
  samplesOf(page)
    .filter((sample) =>
      sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value)
    )
    .reduce((sum, { value }) => sum + value, 0)

export const fetchMetrics = (port: number, token?: string, path = "/metrics") =>
  Effect.promise(() =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` }
    }).then(async (response) => ({
      status: response.status,
      contentType: response.headers.get("content-type"),
      text: await response.text()
    }))
  )
