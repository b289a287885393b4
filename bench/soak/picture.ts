/** One small chart for each figure, over the time, as SVG. */
import type { Sample } from "./sample.ts"

const width = 420
const height = 110
const left = 64
const columns = 2

const charts: ReadonlyArray<readonly [title: string, figures: ReadonlyArray<keyof Sample>]> = [
  ["resident memory, MiB", ["rssMiB"]],
  ["heap used, MiB", ["heapMiB"]],
  ["descriptors and connections", ["descriptors", "connections"]],
  ["disk, MiB", ["diskMiB"]],
  ["send to accepted, ms: p50 and p99", ["p50", "p99"]],
  ["groups in use, timers", ["groupsActive", "timers"]],
  ["fibers", ["fibers"]],
  ["event loop delay, ms", ["eventLoopMillis"]],
  ["errors so far", ["errors"]]
]

const colours = ["#1f6feb", "#d1242f"]

const rounded = (value: number) => value >= 100 ? String(Math.round(value)) : value.toPrecision(2)

const chart = (samples: ReadonlyArray<Sample>, title: string, figures: ReadonlyArray<keyof Sample>): string => {
  const most = Math.max(1, ...samples.flatMap((each) => figures.map((figure) => each[figure])))
  const last = samples.at(-1)!.minutes || 1
  const x = (minutes: number) => (left + minutes / last * (width - left - 20)).toFixed(1)
  const y = (value: number) => (height - 22 - value / most * (height - 50)).toFixed(1)
  const lines = figures.map((figure, i) => {
    const points = samples.map((each) => `${x(each.minutes)},${y(each[figure])}`).join(" ")
    return `<polyline fill="none" stroke="${colours[i]}" stroke-width="1.5" points="${points}"/>`
  })
  const label = (at: number, value: number, text: string) =>
    `<text x="${at}" y="${value}" text-anchor="end" fill="#57606a">${text}</text>`
  return [
    `<text x="${left}" y="16" font-weight="bold">${title}</text>`,
    `<line x1="${left}" x2="${width - 20}" y1="${y(0)}" y2="${y(0)}" stroke="#d0d7de"/>`,
    `<line x1="${left}" x2="${width - 20}" y1="${y(most)}" y2="${y(most)}" stroke="#d0d7de" stroke-dasharray="2 3"/>`,
    label(left - 6, Number(y(0)) + 4, "0"),
    label(left - 6, Number(y(most)) + 4, rounded(most)),
    label(width - 20, height - 6, `${Math.round(last)} min`),
    ...lines
  ].join("\n")
}

export const picture = (heading: string, samples: ReadonlyArray<Sample>): string => {
  const rows = Math.ceil(charts.length / columns)
  const all = charts.map(([title, figures], i) =>
    `<g transform="translate(${i % columns * width},${34 + Math.floor(i / columns) * height})">\n${
      chart(samples, title, figures)
    }\n</g>`
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${columns * width}" height="${
      40 + rows * height
    }" font-family="sans-serif" font-size="11">`,
    "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
    `<text x="${left}" y="22" font-size="14" font-weight="bold">${heading}</text>`,
    ...all,
    "</svg>\n"
  ].join("\n")
}
