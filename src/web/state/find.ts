/** What is looked for in the texts, and what was found. */
import type { SearchHit } from "../../domain/ServerFrame.ts"

/** What somebody asks for. */
export interface Wanted {
  readonly query: string
  readonly sender?: string
  readonly has?: "file" | "link"
  /** In one conversation; in all of them without it. */
  readonly conversation?: string
  /** Days, as a field for a date has them. */
  readonly from?: string
  readonly to?: string
}

export interface Find {
  /** Answers to what was asked before come to nothing. */
  readonly number: number
  readonly wanted: Wanted
  readonly hits: ReadonlyArray<SearchHit>
  /** There may be more behind it. */
  readonly cursor?: string
  /** `idle` when there is nothing to look for. */
  readonly status: "idle" | "looking" | "there" | "failed"
  /** Why it is idle, or what went wrong. */
  readonly problem?: string
}

/** Where something is looked for: by somebody who types, or of all files of a conversation. */
export type Finder = "search" | "gallery"
