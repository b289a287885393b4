/** All laws: pure functions over what a story left behind, each with the promise that it holds. */
import type { Facts } from "../Facts.ts"
import type { PromiseName, Violated } from "../violation.ts"
import { accepted } from "./P1-accepted.ts"
import { order, same } from "./P2-order.ts"
import { once } from "./P3-once.ts"
import { ofItsOwn, onlyWhatWasSaid } from "./P3-said.ts"
import { answered, confirmed, delivery, notAgain } from "./P4-delivery.ts"
import { webhooks } from "./P4-webhooks.ts"
import { built } from "./P5-gaps.ts"
import { pages } from "./P5-pages.ts"
import { inTime } from "./P6-waits.ts"
import { doors } from "./P8-doors.ts"
import { read } from "./P8-pages.ts"
import { blocked, entries, signs, typing } from "./P8-theirs.ts"
import { whole } from "./P9-errors.ts"
import { connected, groupInfos, presence, vicinity } from "./presence.ts"

export type Law = readonly [promise: PromiseName, check: (facts: Facts, violated: Violated) => void]

/** Of those who are at rest, before they leave. */
export const lawsOf: ReadonlyArray<Law> = [
  ["P1", accepted],
  ["P2", order],
  ["P8", same],
  ["P3", once],
  ["P3", onlyWhatWasSaid],
  ["P3", ofItsOwn],
  ["P4", answered],
  ["P4", delivery],
  ["P4", confirmed],
  ["P4", notAgain],
  ["P4", webhooks],
  ["P5", built],
  ["P5", pages],
  ["P6", inTime],
  ["P8", read],
  ["P8", doors],
  ["P8", entries],
  ["P8", blocked],
  ["P8", signs],
  ["P8", typing],
  ["P9", whole],
  ["P7", connected],
  ["P7", presence],
  ["P7", vicinity]
]

/** Of those who were asked about their groups after that. */
export const lastLaws: ReadonlyArray<Law> = [...lawsOf, ["P8", groupInfos]]
