/**
 * How a picture or a film looks, found out before it goes up: its size, so that it has its place before it is there, and a
 * tiny picture of it. All of that is off the page's thread, and what cannot be drawn, or is too large to be, has no look
 * and goes as a plain file.
 */
import { maxPreview } from "../../domain/entries/Attachment.ts"
import type { Look } from "../state/upload.ts"
import { isPictureType, isVideoType } from "../text/files.ts"

/** Of more a browser would need a gigabyte, and so would those who get it. */
const maxPixels = 100_000_000
const maxSide = 30_000
const patienceMillis = 8_000

/** Sides of the tiny picture that are tried, the largest first. */
const sides = [32, 20, 12]
const encodings = [["image/webp", 0.6], ["image/jpeg", 0.5]] as const

const inTime = <A>(promise: Promise<A>): Promise<A | undefined> => {
  let timer: ReturnType<typeof setTimeout>
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), patienceMillis)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

const happened = (target: EventTarget, good: string): Promise<boolean> =>
  new Promise((resolve) => {
    target.addEventListener(good, () => resolve(true), { once: true })
    target.addEventListener("error", () => resolve(false), { once: true })
  })

const base64Of = async (blob: Blob): Promise<string> =>
  btoa(String.fromCharCode(...new Uint8Array(await blob.arrayBuffer())))

const encode = (canvas: HTMLCanvasElement, type: string, quality: number): Promise<Blob | null> =>
  new Promise((resolve) => canvas.toBlob(resolve, type, quality))

/** As large as fits into a message; nothing where even the smallest does not. */
const previewOf = async (file: Blob, width: number, height: number): Promise<string | undefined> => {
  for (const side of sides) {
    const scale = Math.min(1, side / Math.max(width, height))
    const canvas = document.createElement("canvas")
    canvas.width = Math.max(1, Math.round(width * scale))
    canvas.height = Math.max(1, Math.round(height * scale))
    const bitmap = await createImageBitmap(file, {
      resizeWidth: canvas.width,
      resizeHeight: canvas.height,
      resizeQuality: "medium"
    })
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0)
    bitmap.close()
    for (const [type, quality] of encodings) {
      const blob = await encode(canvas, type, quality)
      // A browser that does not know a type makes a PNG.
      if (blob === null || blob.type !== type || blob.size * 4 / 3 > maxPreview - 4) continue
      return base64Of(blob)
    }
  }
  return undefined
}

/** Only the beginning of it is read for this. */
const pictureSize = async (url: string): Promise<Look | undefined> => {
  const image = new Image()
  const loaded = happened(image, "load")
  image.src = url
  if (await inTime(loaded) !== true) return undefined
  const { naturalHeight: height, naturalWidth: width } = image
  return width > 0 && height > 0 && Math.max(width, height) <= maxSide && width * height <= maxPixels
    ? { width, height }
    : undefined
}

const videoSize = async (url: string): Promise<Look | undefined> => {
  const video = document.createElement("video")
  const loaded = happened(video, "loadedmetadata")
  video.muted = true
  video.preload = "metadata"
  video.src = url
  const { videoHeight: height, videoWidth: width } = await inTime(loaded) === true ? video : {}
  video.removeAttribute("src")
  return width && height ? { width, height } : undefined
}

const pictureLook = async (file: Blob, url: string): Promise<Look> => {
  const size = await pictureSize(url)
  if (size === undefined) return {}
  const preview = await inTime(previewOf(file, size.width!, size.height!)).catch(() => "")
  // Its beginning said that it is a picture, and the rest is none.
  if (preview === "") return {}
  return { ...size, ...(preview === undefined ? undefined : { preview }) }
}

export const lookAt = async (file: Blob): Promise<Look> => {
  if (!isPictureType(file.type) && !isVideoType(file.type)) return {}
  const url = URL.createObjectURL(file)
  try {
    return isPictureType(file.type) ? await pictureLook(file, url) : await videoSize(url) ?? {}
  } finally {
    URL.revokeObjectURL(url)
  }
}
