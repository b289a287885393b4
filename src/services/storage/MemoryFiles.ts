/** The records of files in memory, and which entries name them. */
import type { ConversationId, FileId, UserId } from "../../domain/Ids.ts"
import { type FileRecord, type FileRecords, maxFilesPerUser, type NewFile } from "./FileRecords.ts"
import type { CommitFiles } from "./fileRules.ts"
import { placeAfter } from "./sorted.ts"

type Service = FileRecords["Service"]

interface Room {
  files: number
  bytes: number
}

interface Use {
  readonly conversation: ConversationId
  readonly seq: number
}

const add = (sorted: Array<FileId>, file: FileId): void => {
  sorted.splice(placeAfter(sorted, file), 0, file)
}

const remove = (sorted: Array<FileId>, file: FileId): void => {
  sorted.splice(placeAfter(sorted, file) - 1, 1)
}

export class MemoryFiles implements CommitFiles {
  readonly #records = new Map<FileId, FileRecord>()
  /** In rising order, so that a page costs a page. */
  readonly #all: Array<FileId> = []
  readonly #of = new Map<UserId, Array<FileId>>()
  readonly #rooms = new Map<UserId, Room>()
  readonly #uses = new Map<FileId, Array<Use>>()
  /** Those that are not ready or were never used, and those that have lost a message: there is something to do with them. */
  readonly #waiting = new Set<FileId>()

  get(file: FileId): FileRecord | undefined {
    return this.#records.get(file)
  }

  use(file: FileId, conversation: ConversationId, seq: number): void {
    const record = this.#records.get(file)!
    if (!record.used) this.#records.set(file, { ...record, used: true })
    this.#waiting.delete(file)
    let uses = this.#uses.get(file)
    if (uses === undefined) this.#uses.set(file, uses = [])
    if (uses.some((use) => use.seq === seq && use.conversation === conversation)) return
    uses.push({ conversation, seq })
  }

  drop(file: FileId, conversation: ConversationId, seq: number): void {
    const uses = this.#uses.get(file) ?? []
    const at = uses.findIndex((use) => use.seq === seq && use.conversation === conversation)
    if (at >= 0) uses.splice(at, 1)
    if (uses.length > 0) return
    this.#uses.delete(file)
    if (this.#records.has(file)) this.#waiting.add(file)
  }

  begin({ at, file, name, owner, size, type }: NewFile, maxBytes: number): boolean {
    const room = this.#rooms.get(owner) ?? { files: 0, bytes: 0 }
    if (room.files >= maxFilesPerUser || (maxBytes > 0 && room.bytes + size > maxBytes)) return false
    this.#rooms.set(owner, { files: room.files + 1, bytes: room.bytes + size })
    this.#records.set(file, { file, owner, name, type, size, state: "uploading", at, used: false })
    this.#waiting.add(file)
    add(this.#all, file)
    let mine = this.#of.get(owner)
    if (mine === undefined) this.#of.set(owner, mine = [])
    add(mine, file)
    return true
  }

  finish(file: FileId, { sha256, size, state }: Parameters<Service["finish"]>[1]): boolean {
    const record = this.#records.get(file)
    if (record?.state !== "uploading") return false
    this.#rooms.get(record.owner)!.bytes += size - record.size
    this.#records.set(file, { ...record, size, sha256, state })
    return true
  }

  release(file: FileId): boolean {
    const record = this.#records.get(file)
    if (record?.state !== "held") return false
    this.#records.set(file, { ...record, state: "ready" })
    return true
  }

  list({ after, limit, owner, state }: Parameters<Service["list"]>[0]): ReadonlyArray<FileRecord> {
    const sorted = owner === undefined ? this.#all : this.#of.get(owner) ?? []
    const found: Array<FileRecord> = []
    for (let i = after === undefined ? 0 : placeAfter(sorted, after); i < sorted.length && found.length < limit; i++) {
      const record = this.#records.get(sorted[i]!)!
      if (state === undefined || record.state === state) found.push(record)
    }
    return found
  }

  usage(owner: UserId): Readonly<Room> {
    return { files: 0, bytes: 0, ...this.#rooms.get(owner) }
  }

  discard(file: FileId): boolean {
    const record = this.#records.get(file)
    if (record === undefined) return false
    if (record.state === "removing") return true
    const room = this.#rooms.get(record.owner)!
    room.files--
    room.bytes -= record.size
    if (room.files === 0) this.#rooms.delete(record.owner)
    this.#records.set(file, { ...record, state: "removing" })
    this.#waiting.add(file)
    return true
  }

  unneeded({ limit, unusedBefore, uploadsBefore }: Parameters<Service["unneeded"]>[0]): ReadonlyArray<FileId> {
    const isUnneeded = ({ at, file, state, used }: FileRecord): boolean =>
      state === "uploading" ? at < uploadsBefore : used ? !this.#uses.has(file) : at < unusedBefore
    const removing: Array<FileId> = []
    for (const file of this.#waiting) {
      const record = this.#records.get(file)!
      if (record.state !== "removing" && !isUnneeded(record)) continue
      this.discard(file)
      removing.push(file)
      if (removing.length === limit) break
    }
    return removing
  }

  forget(files: ReadonlyArray<FileId>): void {
    for (const file of files) {
      const record = this.#records.get(file)
      if (record?.state !== "removing") continue
      this.#records.delete(file)
      this.#waiting.delete(file)
      remove(this.#all, file)
      const mine = this.#of.get(record.owner)!
      remove(mine, file)
      if (mine.length === 0) this.#of.delete(record.owner)
    }
  }

  uses(file: FileId, limit: number): ReadonlyArray<Use> {
    return (this.#uses.get(file) ?? []).slice(0, limit)
  }

  /** A user who is erased has none. */
  erase(owner: UserId): void {
    for (const file of this.#of.get(owner) ?? []) this.discard(file)
  }
}
