/** What went wrong, in the words of the page where what is known of it says enough, else in those of the server. */
import { ClientError } from "../../client/index.ts"
import { ChatError } from "../../domain/Errors.ts"
import { words } from "../words/index.ts"

export const inWords = (sentence: string): string =>
  words.problems.instead.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), sentence)

const known = (error: unknown): string | undefined => {
  const { byCode, byReason, byStatus } = words.problems
  if (error instanceof ChatError) return byCode[error.code]
  if (error instanceof ClientError) return byReason[error.reason]
  const hasStatus = error instanceof Error && "status" in error && typeof error.status === "number"
  return hasStatus ? byStatus[error.status as number] : undefined
}

export const sentenceOf = (error: unknown): string =>
  known(error) ?? inWords(error instanceof Error ? error.message : String(error))
