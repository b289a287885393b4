/** Files that somebody drops or pastes. */
import type { TargetedDragEvent } from "preact"
import { useEffect, useRef, useState } from "preact/hooks"

const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") === true

/** Files that are dropped beside the place for them do not take the page's place. */
export const useNoDrop = (): void =>
  useEffect(() => {
    const ignore = (event: DragEvent) => {
      if (!hasFiles(event) || event.defaultPrevented) return
      event.preventDefault()
      if (event.dataTransfer !== null) event.dataTransfer.dropEffect = "none"
    }
    for (const type of ["dragover", "drop"] as const) addEventListener(type, ignore)
    return () => {
      for (const type of ["dragover", "drop"] as const) removeEventListener(type, ignore)
    }
  }, [])

/** `over` while files are held over the place. */
export const useDrop = (allowed: boolean, onFiles: (files: ReadonlyArray<File>) => void) => {
  const [over, setOver] = useState(false)
  /** Each part of the place is entered and left by itself. */
  const depth = useRef(0)
  const move = (step: number) => (event: DragEvent) => {
    if (!allowed || !hasFiles(event)) return
    depth.current = Math.max(0, depth.current + step)
    setOver(depth.current > 0)
  }
  return {
    over: over && allowed,
    listeners: {
      onDragEnter: move(1),
      onDragLeave: move(-1),
      onDragOver: (event: TargetedDragEvent<HTMLElement>) => {
        if (!allowed || !hasFiles(event)) return
        event.preventDefault()
        if (event.dataTransfer !== null) event.dataTransfer.dropEffect = "copy"
      },
      onDrop: (event: TargetedDragEvent<HTMLElement>) => {
        depth.current = 0
        setOver(false)
        if (!allowed || !hasFiles(event)) return
        event.preventDefault()
        onFiles(Array.from(event.dataTransfer?.files ?? []))
      }
    }
  }
}

/** The files of what is pasted; a piece of text that comes with a picture of itself is text. */
export const pasted = (event: ClipboardEvent): ReadonlyArray<File> => {
  const { clipboardData: data } = event
  return data === null || data.getData("text/plain") !== "" ? [] : Array.from(data.files)
}
