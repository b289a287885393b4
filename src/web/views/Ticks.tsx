/** One tick: kept by the server; two: delivered; coloured: read. A clock before, a warning when it was refused. */
import type { Tick } from "../state/selectors.ts"
import { words } from "../words/index.ts"
import { Icon, type IconName } from "./Icon.tsx"

const icons: Readonly<Record<Tick, IconName>> = {
  pending: "clock",
  failed: "alert",
  accepted: "check",
  delivered: "checks",
  read: "checks"
}

export const Ticks = ({ tick }: { readonly tick: Tick }) => (
  <span class={`ticks ${tick}`} role="img" aria-label={words.ticks[tick]} title={words.ticks[tick]}>
    <Icon name={icons[tick]} />
  </span>
)
