/** What users have reported, in memory. */
import { Effect } from "effect"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import { madeReport, maxClosedReports, maxOpenReports, type NewReport, Reports, type StoredReport } from "./Reports.ts"
import type { MadeReport } from "./UserData.ts"

export class MemoryReports {
  /** In rising order. */
  #all: ReadonlyArray<StoredReport> = []
  #last = 0

  get last(): number {
    return this.#last
  }

  get all(): ReadonlyArray<StoredReport> {
    return this.#all
  }

  put(report: NewReport): "kept" | "known" | "full" {
    const isSame = ({ conversation, reporter, seq }: StoredReport) =>
      reporter === report.reporter && conversation === report.conversation && seq === report.seq
    if (this.#all.some(isSame)) return "known"
    if (this.#all.filter(({ closedAt }) => closedAt === undefined).length >= maxOpenReports) return "full"
    this.#all = [...this.#all, { ...report, id: ++this.#last }]
    return "kept"
  }

  close(id: number, at: number): StoredReport | undefined {
    this.#all = this.#all.map((report) => report.id === id ? { closedAt: at, ...report } : report)
    const closed = this.#all.filter(({ closedAt }) => closedAt !== undefined)
    const old = new Set(closed.slice(0, Math.max(0, closed.length - maxClosedReports)))
    const found = this.#all.find((report) => report.id === id)
    if (old.size > 0) this.#all = this.#all.filter((report) => !old.has(report))
    return found
  }

  madeBy(user: UserId): ReadonlyArray<MadeReport> {
    return this.#all.filter(({ reporter }) => reporter === user).map(madeReport)
  }

  erase(user: UserId): void {
    this.#all = this.#all.filter(({ author, reporter }) => author !== user && reporter !== user)
  }

  /** What is before this place of the log is gone. */
  trim(conversation: ConversationId, kept: number): void {
    if (this.#all.length === 0) return
    this.#all = this.#all.filter((report) => report.conversation !== conversation || report.seq >= kept)
  }
}

export const memoryReports = (reports: MemoryReports): Reports["Service"] =>
  Reports.of({
    put: (report) => Effect.sync(() => reports.put(report)),
    list: ({ author, before = Infinity, conversation, limit, open }) =>
      Effect.sync(() =>
        reports.all.filter((report) =>
          report.id < before && (author === undefined || report.author === author) &&
          (conversation === undefined || report.conversation === conversation) &&
          (open === undefined || open === (report.closedAt === undefined))
        ).toReversed().slice(0, limit)
      ),
    since: (id, limit) => Effect.sync(() => reports.all.filter((report) => report.id > id).slice(0, limit)),
    last: Effect.sync(() => reports.last),
    close: (id, at) => Effect.sync(() => reports.close(id, at))
  })
