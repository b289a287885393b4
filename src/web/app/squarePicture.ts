/** A picture as people are shown by: the middle of it, square and small. It is drawn anew, so nothing of its file is left. */
import { words } from "../words/index.ts"

const side = 256
const quality = 0.85
/** Larger ones are no photographs, and cost the browser what it may not have. */
const maxBytes = 50 * 1_024 * 1_024

const blobOf = (canvas: HTMLCanvasElement, type: string): Promise<Blob | null> =>
  new Promise((resolve) => canvas.toBlob(resolve, type, quality))

/** The square in the middle of something that large. */
export const middleOf = (width: number, height: number) => {
  const size = Math.min(width, height)
  return { x: Math.floor((width - size) / 2), y: Math.floor((height - size) / 2), size }
}

export const squarePicture = async (file: Blob): Promise<Blob> => {
  const bitmap = file.size > maxBytes ? undefined : await createImageBitmap(file).catch(() => undefined)
  if (bitmap === undefined) throw new Error(words.people.noPicture)
  const { size, x, y } = middleOf(bitmap.width, bitmap.height)
  const canvas = document.createElement("canvas")
  canvas.width = side
  canvas.height = side
  const context = canvas.getContext("2d")
  if (context === null) throw new Error(words.people.noPicture)
  context.imageSmoothingQuality = "high"
  context.fillStyle = "#fff"
  context.fillRect(0, 0, side, side)
  context.drawImage(bitmap, x, y, size, size, 0, 0, side, side)
  bitmap.close()
  for (const type of ["image/webp", "image/jpeg"]) {
    const blob = await blobOf(canvas, type)
    // A browser that does not know a type makes a PNG.
    if (blob?.type === type) return blob
  }
  throw new Error(words.people.noPicture)
}
