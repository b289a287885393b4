/** Brings files to the server, each looked at before it goes; what is cut off the client begins again. */
import type { SimpleClient } from "../../client/index.ts"
import type { Upload } from "../state/upload.ts"
import { nameToSend } from "../text/files.ts"
import { sentenceOf } from "../text/problems.ts"
import { lookAt } from "./look.ts"
import { hasEnded } from "./notices.ts"

interface Options {
  readonly client: SimpleClient
  /** It may have been taken out again meanwhile. */
  readonly isWanted: (id: string) => boolean
  readonly change: (id: string, change: Partial<Upload>) => void
  readonly onThere: (id: string, file: string) => void
}

export const makeUploadRuns = ({ change, client, isWanted, onThere }: Options) => {
  const running = new Map<string, AbortController>()
  let stopped = false

  const run = async ({ id, size }: Upload, file: File) => {
    const abort = new AbortController()
    running.set(id, abort)
    change(id, { progress: { _tag: "Waiting" } })
    try {
      const there = await client.upload(file, {
        name: nameToSend(file.name),
        signal: abort.signal,
        onProgress: ({ attempt, sent }) =>
          change(id, {
            progress: { _tag: "Going", sent: Math.min(sent, size) },
            ...(attempt > 1 ? { again: true } : undefined)
          })
      })
      change(id, {
        name: there.name,
        size: there.size,
        type: there.type,
        progress: { _tag: "There", file: there.file },
        ...(there.held === true ? { held: true } : undefined)
      })
      onThere(id, there.file)
    } catch (error) {
      if (abort.signal.aborted || stopped) return
      // Without a connection for good it waits for the next session of this user.
      const progress = hasEnded(error)
        ? { _tag: "Waiting" } as const
        : { _tag: "Failed", reason: sentenceOf(error) } as const
      change(id, { progress })
    } finally {
      running.delete(id)
    }
  }

  return {
    begin: async (upload: Upload, file: File): Promise<void> => {
      const look = upload.look ?? await lookAt(file).catch(() => ({}))
      if (stopped || !isWanted(upload.id)) return
      change(upload.id, { look })
      await run(upload, file)
    },
    abort: (id: string) => running.get(id)?.abort(),
    stop: () => {
      stopped = true
      for (const abort of running.values()) abort.abort()
    }
  }
}
