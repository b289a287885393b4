/** How much there is to read, on the icon of the tab and of the installed page. */

/** Two digits are as many as can be read. */
export const badgeText = (count: number): string => count > 99 ? "99+" : String(count)

/** The page's icon with a number on it, as an address. */
export const badgedIcon = (count: number): string => {
  const text = badgeText(count)
  const width = text.length === 1 ? 18 : text.length === 2 ? 24 : 30
  const svg = [
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\">",
    "<rect width=\"32\" height=\"32\" rx=\"9\" fill=\"#1b6b62\"/>",
    "<path d=\"M10 10c0 8 12 4 12 12\" fill=\"none\" stroke=\"#fff\" stroke-width=\"2.6\" stroke-linecap=\"round\"/>",
    "<circle cx=\"10\" cy=\"10\" r=\"3.6\" fill=\"#fff\"/>",
    `<rect x="${
      32 - width
    }" y="14" width="${width}" height="18" rx="9" fill="#c05621" stroke="#fff" stroke-width="1.5"/>`,
    `<text x="${32 - width / 2}" y="28" font-family="sans-serif" font-size="14" font-weight="700" fill="#fff"`,
    ` text-anchor="middle">${text}</text></svg>`
  ].join("")
  return `data:image/svg+xml,${encodeURIComponent(svg)}`
}

/** Since when browsers have it, and which of them, differs. */
type Badged = Partial<Pick<Navigator, "clearAppBadge" | "setAppBadge">>

export const makeBadge = () => {
  const link = document.querySelector<HTMLLinkElement>("link[rel='icon']")
  const plain = link?.href
  let shown = 0
  return (count: number): void => {
    if (count === shown) return
    shown = count
    if (link !== null && plain !== undefined) link.href = count === 0 ? plain : badgedIcon(count)
    const { clearAppBadge, setAppBadge } = navigator as Badged
    const done = count === 0 ? clearAppBadge?.call(navigator) : setAppBadge?.call(navigator, count)
    void done?.catch(() => {})
  }
}
