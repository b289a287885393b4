/** Files as people send them, made here: pictures, a sound, a film. */
import { crc32, deflateSync } from "node:zlib"
import type { Page } from "playwright-core"

const chunk = (type: string, data: Uint8Array): Buffer => {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}

const pngOf = (width: number, height: number, rows: Uint8Array): Buffer => {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  // Eight bits each of red, green and blue.
  header.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0))
  ])
}

/** An evening over water, of a colour of its own. */
export const png = (width: number, height: number, hue = 0): Buffer => {
  const rows = Buffer.alloc(height * (1 + width * 3))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [across, down] = [x / width, y / height]
      const wave = down > 0.6 ? Math.sin(across * 40 + down * 60) * 20 : 0
      const at = y * (1 + width * 3) + 1 + x * 3
      rows[at] = Math.min(255, Math.max(0, 220 - down * 150 + wave - hue))
      rows[at + 1] = Math.min(255, Math.max(0, 130 - down * 40 + across * 60 + wave + hue / 2))
      rows[at + 2] = Math.min(255, Math.max(0, 90 + down * 90 + wave + hue))
    }
  }
  return pngOf(width, height, rows)
}

/** Says that it is as large as this, and has nothing of it. */
export const emptyPng = (width: number, height: number): Buffer => pngOf(width, height, new Uint8Array(0))

/** A second of silence: frames of MPEG-1 layer III at 128 kbit/s. */
export const mp3 = (): Buffer => {
  const frame = Buffer.alloc(417)
  frame.set([0xff, 0xfb, 0x90, 0x64])
  return Buffer.concat(Array.from({ length: 39 }, () => frame))
}

/** A moment of a film, recorded by the browser. */
export const webm = async (page: Page): Promise<Buffer> => {
  const base64 = await page.evaluate(() =>
    new Promise<string>((resolve) => {
      const canvas = document.createElement("canvas")
      canvas.width = 320
      canvas.height = 180
      const context = canvas.getContext("2d")!
      const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: "video/webm;codecs=vp8" })
      let frames = 0
      recorder.ondataavailable = async ({ data }) => {
        if (recorder.state === "recording") return
        const bytes = new Uint8Array(await data.arrayBuffer())
        resolve(btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")))
      }
      const draw = () => {
        context.fillStyle = `hsl(${frames * 9} 60% 50%)`
        context.fillRect(0, 0, 320, 180)
        if (++frames === 20) recorder.stop()
        else requestAnimationFrame(draw)
      }
      recorder.start()
      draw()
    })
  )
  return Buffer.from(base64, "base64")
}

export interface Sample {
  readonly name: string
  readonly mimeType: string
  readonly buffer: Buffer
}

/** As a chooser, or a drop, hands it over. */
export const sample = (name: string, mimeType: string, content: Buffer | string): Sample => ({
  name,
  mimeType,
  buffer: Buffer.from(content)
})

/** A picture of that size. */
export const picture = (name: string, width = 60, height = 40, hue = 0): Sample =>
  sample(name, "image/png", png(width, height, hue))
