/** Moves the focus among cells that flow in rows, by arrows, to the ends of a row and of all. */
export const moveInGrid = (event: KeyboardEvent, cells: ReadonlyArray<HTMLElement>): void => {
  const at = cells.findIndex((cell) => cell === document.activeElement)
  if (at < 0) return
  const top = cells[0]!.offsetTop
  const beyond = cells.findIndex((cell) => cell.offsetTop > top)
  const columns = beyond < 0 ? cells.length : beyond
  const isRtl = getComputedStyle(cells[0]!).direction === "rtl"
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: isRtl ? 1 : -1,
    ArrowRight: isRtl ? -1 : 1,
    ArrowUp: -columns,
    ArrowDown: columns,
    Home: event.ctrlKey ? -at : -(at % columns),
    End: event.ctrlKey ? cells.length - 1 - at : columns - 1 - at % columns
  }
  const step = steps[event.key]
  if (step === undefined) return
  event.preventDefault()
  const to = event.key.startsWith("Arrow") ? at + step : Math.min(cells.length - 1, at + step)
  cells[to]?.focus()
}
