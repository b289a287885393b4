/** One tick: kept by the server; two: delivered; coloured: read. A clock before, a warning when it was refused. */
import type { Tick } from "../state/selectors.ts"
import { Icon, type IconName } from "./Icon.tsx"

const looks: Readonly<Record<Tick, readonly [IconName, string]>> = {
  pending: ["clock", "Waiting to be sent"],
  failed: ["alert", "Not sent"],
  accepted: ["check", "Sent"],
  delivered: ["checks", "Delivered"],
  read: ["checks", "Read"]
}

export const Ticks = ({ tick }: { readonly tick: Tick }) => (
  <span class={`ticks ${tick}`} role="img" aria-label={looks[tick][1]} title={looks[tick][1]}>
    <Icon name={looks[tick][0]} />
  </span>
)
