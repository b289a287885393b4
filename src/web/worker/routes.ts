/** Which requests the service worker answers, and from where. */

/** The page itself; a file that never changes under its name; one that may. */
export type Kind = "page" | "asset" | "file"

interface Asked {
  readonly url: string
  readonly method: string
  readonly mode: string
}

/** Of anything else, as of the API, the socket and files of messages, it knows nothing, and keeps nothing. */
export const kindOf = (
  { method, mode, url }: Asked,
  scope: string,
  files: ReadonlyArray<string>
): Kind | undefined => {
  const at = new URL(url)
  const root = new URL(scope)
  if (method !== "GET" || at.origin !== root.origin || !at.pathname.startsWith(root.pathname)) return undefined
  const path = at.pathname.slice(root.pathname.length)
  if (path === "" || path === "index.html") return mode === "navigate" ? "page" : undefined
  if (at.search !== "") return undefined
  if (/^assets\/[^/]+$/.test(path)) return "asset"
  return files.includes(path) ? "file" : undefined
}
