/** The page's own files, kept so that it opens without a network. */
import { kindOf } from "./routes.ts"

/** Written by the build in front of this program. */
export interface Shell {
  /** Another one for other files. */
  readonly version: string
  /** What the page begins with, from where it is; `./` is the page. */
  readonly files: ReadonlyArray<string>
}

/** So long the network may take for the page before the kept one is shown. */
const patienceMillis = 4_000

const prefix = (scope: string): string => `switchboard shell ${new URL(scope).pathname} `

export const makeShell = ({ files, version }: Shell, scope: string) => {
  const name = prefix(scope) + version
  const page = new URL("./", scope).href
  const urls = files.map((file) => new URL(file, scope).href)

  const fetched = async (url: string): Promise<Response> => {
    // Names with a hash may come from the browser's own cache.
    const response = await fetch(url, { cache: url.includes("/assets/") ? "default" : "reload" })
    if (!response.ok) throw new Error(`${url}: ${response.status}`)
    return response
  }

  const keep = async (url: string, response: Response): Promise<void> => {
    const cache = await caches.open(name)
    await cache.put(url, response)
  }

  /** The network's answer, unless it fails or takes long and there is another. */
  const pageOf = async (request: Request): Promise<Response> => {
    const network = fetch(request).then((response) => response.status < 500 ? response : undefined, () => undefined)
    const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), patienceMillis))
    const inTime = await Promise.race([network, late])
    return inTime ?? await caches.match(page, { cacheName: name, ignoreVary: true }) ?? await network ?? fetch(request)
  }

  const assetOf = async (request: Request): Promise<Response> => {
    const kept = await caches.match(request, { cacheName: name, ignoreVary: true })
    if (kept !== undefined) return kept
    const response = await fetch(request)
    if (response.ok) await keep(request.url, response.clone())
    return response
  }

  const fileOf = (request: Request): Promise<Response> =>
    fetch(request).catch(async (error: unknown) => {
      const kept = await caches.match(request, { cacheName: name, ignoreVary: true })
      if (kept === undefined) throw error
      return kept
    })

  return {
    install: async () => {
      await Promise.all(urls.map(async (url) => keep(url, await fetched(url))))
    },
    /** Takes away what earlier versions kept. */
    clean: async () => {
      const names = await caches.keys()
      await Promise.all(
        names.filter((each) => each.startsWith(prefix(scope)) && each !== name).map((each) => caches.delete(each))
      )
    },
    has: (url: string): boolean => urls.includes(url),
    keep: async (wanted: ReadonlyArray<string>) => {
      for (const url of wanted) {
        const request = new Request(url)
        if (kindOf({ url, method: "GET", mode: "no-cors" }, scope, files) === "asset") await assetOf(request)
      }
    },
    answer: (request: Request): Promise<Response> | undefined => {
      const kind = kindOf(request, scope, files)
      return kind === "page"
        ? pageOf(request)
        : kind === "asset"
        ? assetOf(request)
        : kind === "file"
        ? fileOf(request)
        : undefined
    }
  }
}
