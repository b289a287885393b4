/** Addresses in a text. Only http, https and mailto are ever links, and each says where it goes. */
import type { LinkifyIt } from "linkify-it"
import type { Inline } from "./blocks.ts"

/** Beside those of two letters and the oldest. */
const furtherDomains = ["dev", "app", "cloud", "page", "blog", "tech", "online", "site", "eu", "berlin"]

/** Names of files end like domains of countries: without more they are files. */
const fileEndings = /^[^/?#]+\.(?:md|py|rs|sh|pl|cc|so|ps|ml|mk|vi|tf|la|zip)$/i

/** Only what is looked for in texts of people. */
export const configure = (linkify: LinkifyIt): LinkifyIt =>
  linkify.add("ftp:", null).add("//", null).tlds(furtherDomains, true).set({
    fuzzyLink: true,
    fuzzyEmail: true,
    fuzzyIP: false
  })

/** Letters of other scripts that are written like Latin ones. */
const lookAlikes = /^[аеорсухіѕјһԁԛԝӏѵɡοαν\p{N}-]+$/u

const scripts = [
  /\p{Script=Latin}/u,
  /\p{Script=Cyrillic}/u,
  /\p{Script=Greek}/u,
  /\p{Script=Armenian}/u,
  /\p{Script=Cherokee}/u
]

const misleads = (label: string): boolean =>
  /[^\0-\x7f]/.test(label) &&
  (scripts.filter((script) => script.test(label)).length > 1 || lookAlikes.test(label.toLowerCase()))

/** Where the host of an address is written like another one, how machines write it. */
const shownAs = (typed: string, ascii: string): string => {
  const host = /^(?:https?:\/\/)?(?:[^/?#@]*@)?([^/?#:]+)/i.exec(typed)?.[1] ?? ""
  return host.split(".").some(misleads) ? typed.replace(host, ascii) : typed
}

/** A link of what was found, with `https` where nothing was said. */
export const linkOf = (typed: string, scheme: string): Extract<Inline, { kind: "link" }> | undefined => {
  if (scheme === "mailto:") {
    return { kind: "link", text: typed, href: /^mailto:/i.test(typed) ? typed : `mailto:${typed}` }
  }
  if (scheme === "" && fileEndings.test(typed)) return undefined
  const address = scheme === "" ? `https://${typed}` : typed
  if (!URL.canParse(address)) return undefined
  const { href, hostname, protocol } = new URL(address)
  return hostname !== "" && (protocol === "http:" || protocol === "https:")
    ? { kind: "link", text: shownAs(typed, hostname), href }
    : undefined
}

/** Text with the addresses in it. */
export const linksIn = (text: string, linkify: LinkifyIt): ReadonlyArray<Inline> => {
  const parts: Array<Inline> = []
  const add = (text: string) => text !== "" && parts.push({ kind: "text", text })
  let from = 0
  for (const { index, lastIndex, raw, schema } of linkify.match(text) ?? []) {
    const link = linkOf(raw, schema)
    if (link === undefined) continue
    add(text.slice(from, index))
    parts.push(link)
    from = lastIndex
  }
  add(text.slice(from))
  return parts
}
