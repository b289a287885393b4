/**
 * Watches what is done to a folder, and makes what may be left of it by a power cut at any moment: what was flushed, and of the
 * rest whatever the disk had come to. A name is on the disk once its folder was flushed, bytes are once their file was.
 */
import { Effect } from "effect"
import { mkdirSync, writeFileSync } from "node:fs"
import files, { type FileHandle } from "node:fs/promises"
import { syncBuiltinESMExports } from "node:module"
import { basename, dirname, join } from "node:path"
import type { random } from "../fuzz/mutate.ts"
import { torn } from "./tearing.ts"

type Random = ReturnType<typeof random>

/** What was done, in the order in which it ended. A flush is of what had ended when it began. */
type Step =
  | { readonly do: "create" | "mkdir" | "remove"; readonly path: string }
  | { readonly do: "write"; readonly path: string; readonly bytes: Buffer }
  | { readonly do: "rename"; readonly path: string; readonly to: string }
  | { readonly do: "flush"; readonly path: string; readonly begun: number }
  | { readonly do: "answer"; readonly file: string }

interface File {
  readonly is: "file"
  now: Buffer
  flushed: Buffer
}

/** A name that came or went, and is not on the disk for certain. */
interface Change {
  readonly at: number
  readonly name: string
  readonly node: Node | undefined
}

interface Folder {
  readonly is: "folder"
  readonly now: Map<string, Node>
  readonly flushed: Map<string, Node>
  changes: Array<Change>
}

type Node = File | Folder

const newFolder = (): Folder => ({ is: "folder", now: new Map(), flushed: new Map(), changes: [] })

const set = (names: Map<string, Node>, { name, node }: Change): void =>
  void (node === undefined ? names.delete(name) : names.set(name, node))

const change = (folder: Folder, made: Change): void => {
  set(folder.now, made)
  folder.changes.push(made)
}

class Disk {
  readonly root = newFolder()
  readonly answered = new Set<string>()
  readonly #top: string

  constructor(top: string) {
    this.#top = top
  }

  #find(path: string): Node | undefined {
    if (path === this.#top) return this.root
    const parent = this.#find(dirname(path))
    return parent?.is === "folder" ? parent.now.get(basename(path)) : undefined
  }

  /** Of two who make it, or come to it, at once, the one who made it may be told later. */
  #folder(at: number, path: string): Folder {
    const found = this.#find(path)
    if (found?.is === "folder") return found
    const made = newFolder()
    this.#named(at, path, made)
    return made
  }

  #named(at: number, path: string, node: Node | undefined): void {
    change(this.#folder(at, dirname(path)), { at, name: basename(path), node })
  }

  apply(step: Step, at: number): void {
    switch (step.do) {
      case "create":
        return this.#named(at, step.path, { is: "file", now: Buffer.alloc(0), flushed: Buffer.alloc(0) })
      case "mkdir":
        return void this.#folder(at, step.path)
      case "remove":
        return this.#named(at, step.path, undefined)
      case "rename": {
        const node = this.#find(step.path)
        this.#named(at, step.to, node)
        return this.#named(at, step.path, undefined)
      }
      case "answer":
        return void this.answered.add(step.file)
      case "write": {
        const file = this.#find(step.path)
        if (file?.is === "file") file.now = Buffer.concat([file.now, step.bytes])
        return
      }
      case "flush":
        return this.#flush(this.#find(step.path), step.begun)
    }
  }

  #flush(node: Node | undefined, begun: number): void {
    if (node?.is === "file") node.flushed = node.now
    if (node?.is !== "folder") return
    for (const each of node.changes) if (each.at < begun) set(node.flushed, each)
    node.changes = node.changes.filter(({ at }) => at >= begun)
  }
}

/** A rename that is on the disk is so at both ends; it may be at the new one alone, and then the file has two names. */
const left = (folder: Folder, path: string, gone: (at: number) => boolean, pick: Random): void => {
  mkdirSync(path, { recursive: true })
  const names = new Map(folder.flushed)
  for (const each of folder.changes) if (gone(each.at)) set(names, each)
  for (const [name, node] of names) {
    const at = join(path, name)
    if (node.is === "folder") left(node, at, gone, pick)
    else writeFileSync(at, torn(node.flushed, node.now, pick))
  }
}

/** All from the first that was not there. */
const madeFrom = (first: string | undefined, path: string): ReadonlyArray<string> =>
  first === undefined ? [] : first === path ? [path] : [...madeFrom(first, dirname(path)), path]

export interface Watched {
  readonly count: () => number
  readonly answer: (file: string) => void
  /** What may be there after so many steps, in this folder; and which files were answered by then. */
  readonly after: (steps: number, folder: string, pick: Random) => ReadonlySet<string>
}

/**
 * Of everything in `top`, as long as the scope is open. Nothing else may write there. A flush waits for `hold`.
 */
export const watching = Effect.fnUntraced(function*(top: string, hold?: (path: string) => Promise<void> | undefined) {
  const steps: Array<Step> = []
  const real = { ...files }
  const isIn = (path: unknown): path is string => typeof path === "string" && path.startsWith(top)
  const done = (step: Step) => isIn(step.do === "answer" ? top : step.path) ? void steps.push(step) : undefined

  const flushes = (path: string, flush: () => Promise<void>) => (): Promise<void> => {
    const held = hold?.(path)
    if (held !== undefined) return held.then(flushes(path, flush))
    const begun = steps.length
    return flush().then(() => done({ do: "flush", path, begun }))
  }
  const watched = (path: string, handle: FileHandle): FileHandle =>
    Object.assign(handle, {
      sync: flushes(path, handle.sync.bind(handle)),
      writev: ((writev) => (chunks: ReadonlyArray<Uint8Array>) =>
        writev(chunks).then((result) => {
          const bytes = Buffer.concat(chunks).subarray(0, result.bytesWritten)
          done({ do: "write", path, bytes })
          return result
        }))(handle.writev.bind(handle))
    })

  yield* Effect.acquireRelease(
    Effect.sync(() => {
      files.open = ((path: string, flags: string, mode: number) =>
        real.open(path, flags, mode).then((handle) => {
          if (flags.includes("x")) done({ do: "create", path })
          return isIn(path) ? watched(path, handle) : handle
        })) as typeof files.open
      files.rename = (from, to) =>
        real.rename(from, to).then(() => done({ do: "rename", path: String(from), to: String(to) }))
      files.unlink = (path) => real.unlink(path).then(() => done({ do: "remove", path: String(path) }))
      files.rmdir = (path) => real.rmdir(path).then(() => done({ do: "remove", path: String(path) }))
      files.mkdir = ((path: string, options: { readonly recursive?: boolean }) =>
        real.mkdir(path, options).then((first) => {
          const made = options.recursive === true ? madeFrom(first, path) : [path]
          for (const each of made) {
            done({ do: "mkdir", path: each })
          }
          return first
        })) as typeof files.mkdir
      syncBuiltinESMExports()
    }),
    () =>
      Effect.sync(() => {
        Object.assign(files, real)
        syncBuiltinESMExports()
      })
  )

  const after: Watched["after"] = (count, folder, pick) => {
    const disk = new Disk(top)
    steps.slice(0, count).forEach((step, at) => disk.apply(step, at))
    const manner = pick(4)
    const fates = new Map<number, boolean>()
    const fate = (at: number): boolean => {
      const known = fates.get(at) ?? (manner === 0 ? false : manner === 1 ? true : pick(2) === 0)
      fates.set(at, known)
      return known
    }
    left(disk.root, folder, fate, pick)
    return disk.answered
  }

  return { count: () => steps.length, answer: (file) => done({ do: "answer", file }), after } satisfies Watched
})
