/** What was typed: a message, or a command that begins with a slash. */
import type { Role } from "../../domain/Entry.ts"

export type Input =
  | { readonly _tag: "Nothing" }
  /** `replyTo` is the number of the message that it answers. */
  | { readonly _tag: "Say"; readonly text: string; readonly replyTo?: number }
  | { readonly _tag: "To"; readonly name: string }
  | { readonly _tag: "GroupCreate"; readonly name: string; readonly members: ReadonlyArray<string> }
  | { readonly _tag: "GroupAdd"; readonly members: ReadonlyArray<string> }
  | { readonly _tag: "GroupRemove"; readonly members: ReadonlyArray<string> }
  | { readonly _tag: "GroupRole"; readonly user: string; readonly role: Role }
  | { readonly _tag: "GroupRename"; readonly name: string }
  | { readonly _tag: "GroupLeave" }
  | { readonly _tag: "List" }
  | { readonly _tag: "Receipts" }
  | { readonly _tag: "History"; readonly count: number }
  | { readonly _tag: "Who" }
  | { readonly _tag: "Edit"; readonly seq: number; readonly text: string }
  | { readonly _tag: "Delete"; readonly seq: number }
  | { readonly _tag: "React"; readonly seq: number; readonly emoji: string }
  | { readonly _tag: "Block"; readonly user: string }
  | { readonly _tag: "Unblock"; readonly user: string }
  | { readonly _tag: "Help" }
  | { readonly _tag: "Quit" }
  /** What is wrong with it, in a sentence. */
  | { readonly _tag: "Wrong"; readonly reason: string }

export const help: ReadonlyArray<string> = [
  "/to NAME            talk to a user, or to a group as #NAME",
  "/list               with whom you talk, and what is unread",
  "/reply N TEXT       answer message #N",
  "/group create NAME MEMBER…   /group add MEMBER…   /group remove MEMBER…",
  "/group role USER owner|admin|member   /group rename NAME   /group leave",
  "/history [COUNT]    what was said before, 20 by default",
  "/who                who is here",
  "/edit N TEXT        change message #N        /delete N    take it back",
  "/react N EMOJI      react to message #N",
  "/receipts           how far the others have come",
  "/block USER         /unblock USER",
  "/help               /quit",
  "A message that begins with a slash begins with two."
]

const wrong = (reason: string): Input => ({ _tag: "Wrong", reason })

const usage = (form: string): Input => wrong(`Write it as ${form}.`)

const seqOf = (word: string | undefined): number | undefined =>
  word !== undefined && /^#?[1-9]\d{0,15}$/.test(word) ? Number(word.replace("#", "")) : undefined

const roles: ReadonlyArray<Role> = ["owner", "admin", "member"]

const group = (words: ReadonlyArray<string>): Input => {
  const [what, ...rest] = words
  const [name, ...members] = rest
  switch (what) {
    case "create":
      return name === undefined ? usage("/group create NAME MEMBER…") : { _tag: "GroupCreate", name, members }
    case "add":
      return name === undefined ? usage("/group add MEMBER…") : { _tag: "GroupAdd", members: rest }
    case "remove":
      return name === undefined ? usage("/group remove MEMBER…") : { _tag: "GroupRemove", members: rest }
    case "role": {
      const role = roles.find((each) => each === members[0])
      return name === undefined || role === undefined
        ? usage("/group role USER owner|admin|member")
        : { _tag: "GroupRole", user: name, role }
    }
    case "rename":
      return name === undefined ? usage("/group rename NAME") : { _tag: "GroupRename", name: rest.join(" ") }
    case "leave":
      return { _tag: "GroupLeave" }
    default:
      return usage("/group create, add, remove, role, rename or leave")
  }
}

/** The rest of a line after its first words, as it was typed. */
const after = (line: string, words: number): string => line.replace(new RegExp(`^\\s*(?:\\S+\\s+){${words}}`), "")

const command = (line: string): Input => {
  const [name, ...words] = line.trim().split(/\s+/)
  const [first] = words
  const seq = seqOf(first)
  switch (name) {
    case "/to":
      return first === undefined ? usage("/to NAME") : { _tag: "To", name: first }
    case "/group":
      return group(words)
    case "/history":
      return first === undefined
        ? { _tag: "History", count: 20 }
        : seq === undefined || seq > 100
        ? usage("/history COUNT, at most 100")
        : { _tag: "History", count: seq }
    case "/list":
      return { _tag: "List" }
    case "/receipts":
      return { _tag: "Receipts" }
    case "/reply":
      return seq === undefined || words.length < 2
        ? usage("/reply N TEXT")
        : { _tag: "Say", text: after(line, 2), replyTo: seq }
    case "/who":
      return { _tag: "Who" }
    case "/edit":
      return seq === undefined || words.length < 2
        ? usage("/edit N TEXT")
        : { _tag: "Edit", seq, text: after(line, 2) }
    case "/delete":
      return seq === undefined ? usage("/delete N") : { _tag: "Delete", seq }
    case "/react":
      return seq === undefined || words[1] === undefined
        ? usage("/react N EMOJI")
        : { _tag: "React", seq, emoji: words[1] }
    case "/block":
      return first === undefined ? usage("/block USER") : { _tag: "Block", user: first }
    case "/unblock":
      return first === undefined ? usage("/unblock USER") : { _tag: "Unblock", user: first }
    case "/help":
      return { _tag: "Help" }
    case "/quit":
      return { _tag: "Quit" }
    default:
      return wrong(`There is no ${name}; /help tells what there is.`)
  }
}

export const parse = (line: string): Input => {
  if (line.trim() === "") return { _tag: "Nothing" }
  if (line.startsWith("//")) return { _tag: "Say", text: line.slice(1) }
  return line.startsWith("/") ? command(line) : { _tag: "Say", text: line }
}
