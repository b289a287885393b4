/** What was typed: a message, or a command that begins with a slash. */
import type { Role } from "../../domain/Entry.ts"

/** What changes the group that is open. */
export type InGroup =
  | { readonly _tag: "GroupAdd"; readonly members: ReadonlyArray<string> }
  | { readonly _tag: "GroupRemove"; readonly members: ReadonlyArray<string> }
  | { readonly _tag: "GroupRole"; readonly user: string; readonly role: Role }
  | { readonly _tag: "GroupRename"; readonly name: string }
  | { readonly _tag: "GroupBan" | "GroupUnban"; readonly members: ReadonlyArray<string> }
  | { readonly _tag: "GroupInvite" }
  | { readonly _tag: "GroupLeave" }

/** What one wants of a conversation for oneself. */
export type Wish = "mute" | "unmute" | "archive" | "unarchive" | "unread"

/** Who people are, and by what one comes to them. */
export type AboutPeople =
  /** Without any, none from now on. */
  | { readonly _tag: "Name"; readonly name: string }
  | { readonly _tag: "Status"; readonly status: string }
  | { readonly _tag: "Whois"; readonly user: string }
  | { readonly _tag: "Find"; readonly prefix: string }
  | { readonly _tag: "Join"; readonly invite: string }

/** What is about the conversation that is open. */
export type InConversation =
  | InGroup
  /** `replyTo` is the number of the message that it answers. */
  | { readonly _tag: "Say"; readonly text: string; readonly replyTo?: number }
  | { readonly _tag: "File"; readonly path: string; readonly text: string }
  | { readonly _tag: "Receipts" }
  | { readonly _tag: "History"; readonly count: number }
  | { readonly _tag: "Who" }
  | { readonly _tag: "Edit"; readonly seq: number; readonly text: string }
  | { readonly _tag: "Delete"; readonly seq: number }
  | { readonly _tag: "React"; readonly seq: number; readonly emoji: string }
  | { readonly _tag: "Report"; readonly seq: number; readonly reason?: string }
  | { readonly _tag: "Wish"; readonly what: Wish }

export type Input =
  | InConversation
  | AboutPeople
  | { readonly _tag: "Nothing" }
  | { readonly _tag: "To"; readonly name: string }
  | { readonly _tag: "GroupCreate"; readonly name: string; readonly members: ReadonlyArray<string> }
  | { readonly _tag: "List" }
  /** Of the files that are on their way. */
  | { readonly _tag: "Cancel" }
  /** In all conversations, or in the one that is open. */
  | { readonly _tag: "Search"; readonly words: string; readonly everywhere: boolean }
  | { readonly _tag: "More" }
  | { readonly _tag: "Block" | "Unblock"; readonly user: string }
  | { readonly _tag: "Help" }
  | { readonly _tag: "Quit" }
  /** What is wrong with it, in a sentence. */
  | { readonly _tag: "Wrong"; readonly reason: string }

export const help: ReadonlyArray<string> = [
  "/to NAME            talk to a user, or to a group as #NAME",
  "/list               with whom you talk, and what is unread",
  "/reply N TEXT       answer message #N",
  "/file PATH [TEXT]   send a file        /cancel   give up those that are on their way",
  "/group create NAME MEMBER…   /group add MEMBER…   /group remove MEMBER…",
  "/group role USER owner|admin|member   /group rename NAME   /group leave",
  "/history [COUNT]    what was said before, 20 by default",
  "/search WORDS       who said that here; /search -a WORDS looks everywhere   /more",
  "/who                who is here",
  "/edit N TEXT        change message #N        /delete N    take it back",
  "/react N EMOJI      react to message #N",
  "/receipts           how far the others have come",
  "/name NAME          how others see you; /name alone takes it away        /status TEXT",
  "/whois USER         how somebody is called        /find NAME   who begins so, where the server has a directory",
  "/mute   /unmute     /archive   /unarchive   /unread",
  "/invite             a word that lets others into this group        /join WORD",
  "/ban USER…          out of this group, for good        /unban USER…        /report N [WHY]",
  "/block USER         /unblock USER",
  "/help               /quit",
  "A message that begins with a slash begins with two."
]

/** How the words of a command are written, what they have to look like, and what they mean. */
type Form = readonly [written: string, pattern: RegExp, meaning: (...words: ReadonlyArray<string>) => Input]

const anything = /^/
const one = /^(\S+)/
const anyWords = /^(.*)/s
const some = /^(\S.*)/s
const numbered = /^#?([1-9]\d{0,15})\s+(\S.*)/s

/** With spaces in it, a path stands in quotes. */
const pathAndText = /^(?:"([^"]+)"|'([^']+)'|(\S+))(?:\s+(.*))?$/s

const split = (words: string): ReadonlyArray<string> => words.trim().split(/\s+/)

const forms: Readonly<Record<string, Form>> = {
  "/to": ["NAME", one, (name) => ({ _tag: "To", name: name! })],
  "/list": ["", anything, () => ({ _tag: "List" })],
  "/reply": ["N TEXT", numbered, (n, text) => ({ _tag: "Say", text: text!, replyTo: Number(n) })],
  "/file": [
    "PATH [TEXT]",
    pathAndText,
    (double, single, plain, text = "") => ({ _tag: "File", path: double ?? single ?? plain!, text: text.trim() })
  ],
  "/cancel": ["", anything, () => ({ _tag: "Cancel" })],
  "/group create": ["NAME MEMBER…", some, (words) => {
    const [name, ...members] = split(words!)
    return { _tag: "GroupCreate", name: name!, members }
  }],
  "/group add": ["MEMBER…", some, (words) => ({ _tag: "GroupAdd", members: split(words!) })],
  "/group remove": ["MEMBER…", some, (words) => ({ _tag: "GroupRemove", members: split(words!) })],
  "/group role": [
    "USER owner|admin|member",
    /^(\S+)\s+(owner|admin|member)(?!\S)/,
    (user, role) => ({ _tag: "GroupRole", user: user!, role: role as Role })
  ],
  "/group rename": ["NAME", some, (words) => ({ _tag: "GroupRename", name: split(words!).join(" ") })],
  "/group leave": ["", anything, () => ({ _tag: "GroupLeave" })],
  "/group": ["create, add, remove, role, rename or leave", /^(?!)/, () => ({ _tag: "Nothing" })],
  "/history": [
    "COUNT, at most 100",
    /^(?:#?([1-9]\d?|100)(?!\S)|$)/,
    (count = "20") => ({ _tag: "History", count: Number(count) })
  ],
  "/search": [
    "WORDS, or -a WORDS to look everywhere",
    /^(?:(-a)\s+)?(?!-a\s*$)(\S.*)/s,
    (everywhere, words) => ({ _tag: "Search", words: words!, everywhere: everywhere !== undefined })
  ],
  "/more": ["", anything, () => ({ _tag: "More" })],
  "/who": ["", anything, () => ({ _tag: "Who" })],
  "/edit": ["N TEXT", numbered, (n, text) => ({ _tag: "Edit", seq: Number(n), text: text! })],
  "/delete": ["N", /^#?([1-9]\d{0,15})(?!\S)/, (n) => ({ _tag: "Delete", seq: Number(n) })],
  "/react": ["N EMOJI", numbered, (n, words) => ({ _tag: "React", seq: Number(n), emoji: split(words!)[0]! })],
  "/receipts": ["", anything, () => ({ _tag: "Receipts" })],
  "/name": ["NAME", anyWords, (name) => ({ _tag: "Name", name: name!.trim() })],
  "/status": ["TEXT", anyWords, (status) => ({ _tag: "Status", status: status!.trim() })],
  "/whois": ["USER", one, (user) => ({ _tag: "Whois", user: user! })],
  "/find": ["NAME", some, (prefix) => ({ _tag: "Find", prefix: prefix!.trim() })],
  "/mute": ["", anything, () => ({ _tag: "Wish", what: "mute" })],
  "/unmute": ["", anything, () => ({ _tag: "Wish", what: "unmute" })],
  "/archive": ["", anything, () => ({ _tag: "Wish", what: "archive" })],
  "/unarchive": ["", anything, () => ({ _tag: "Wish", what: "unarchive" })],
  "/unread": ["", anything, () => ({ _tag: "Wish", what: "unread" })],
  "/invite": ["", anything, () => ({ _tag: "GroupInvite" })],
  "/join": ["WORD", one, (invite) => ({ _tag: "Join", invite: invite! })],
  "/ban": ["USER…", some, (words) => ({ _tag: "GroupBan", members: split(words!) })],
  "/unban": ["USER…", some, (words) => ({ _tag: "GroupUnban", members: split(words!) })],
  "/report": ["N [WHY]", /^#?([1-9]\d{0,15})(?:\s+(\S.*))?$/s, (n, reason) => ({
    _tag: "Report",
    seq: Number(n),
    ...(reason === undefined ? undefined : { reason: reason.trim() })
  })],
  "/block": ["USER", one, (user) => ({ _tag: "Block", user: user! })],
  "/unblock": ["USER", one, (user) => ({ _tag: "Unblock", user: user! })],
  "/help": ["", anything, () => ({ _tag: "Help" })],
  "/quit": ["", anything, () => ({ _tag: "Quit" })]
}

const command = (line: string): Input => {
  const [name = "", sub] = split(line)
  const both = `${name} ${sub}`
  const known = both in forms ? both : name
  const form = forms[known]
  if (form === undefined) return { _tag: "Wrong", reason: `There is no ${name}; /help tells what there is.` }
  const [written, pattern, meaning] = form
  const words = pattern.exec(line.replace(known === both ? /^\S+\s+\S+\s*/ : /^\S+\s*/, ""))
  return words === null ? { _tag: "Wrong", reason: `Write it as ${known} ${written}.` } : meaning(...words.slice(1))
}

export const parse = (line: string): Input => {
  if (line.trim() === "") return { _tag: "Nothing" }
  if (line.startsWith("//")) return { _tag: "Say", text: line.slice(1) }
  return line.startsWith("/") ? command(line) : { _tag: "Say", text: line }
}
