/** P9: bad input costs its sender only: servers go on, and no typed client is shut out. */
import type { Facts } from "../Facts.ts"
import { TypedDevice } from "../people/TypedDevice.ts"
import type { Violated } from "../violation.ts"

export const whole = ({ devices, nodes }: Facts, violated: Violated): void => {
  for (const { isBroken, name } of nodes) if (isBroken) violated("the vital fibers live", name)
  for (const device of devices) {
    if (device instanceof TypedDevice && device.state?._tag === "Closed") {
      violated("no client is shut out that did nothing", `${device.label}: ${device.state.reason}`)
    }
  }
}
