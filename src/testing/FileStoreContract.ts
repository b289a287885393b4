/**
 * What a `FileStore` has to do, as a list of named effects, like `messageStoreContract`. Run them by the live clock: files
 * have the time of wherever they are.
 */
import { breakingCases } from "./files/breaking.ts"
import type { FileStoreCase } from "./files/FileStoreCase.ts"
import { keepingCases } from "./files/keeping.ts"

export { type FileStoreCase }

export const fileStoreContract: ReadonlyArray<FileStoreCase> = [...keepingCases, ...breakingCases]
