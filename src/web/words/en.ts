/**
 * What the page says. Another language is one more file like `de.ts`, called as `Intl` calls the language: its `words`
 * are offered, and loaded when somebody wants them.
 */
import type { ClientError } from "../../client/index.ts"
import type { Role } from "../../domain/Entry.ts"
import type { ErrorCode } from "../../domain/Errors.ts"
import { maxUserId } from "../../domain/userIds.ts"
import type { Group, Named } from "../emoji/list.ts"
import type { Shown } from "../text/note.ts"

const plural = (count: number, one: string, more: string): string => `${count} ${count === 1 ? one : more}`

/** Who does something: the user themself, or somebody of this name. */
export interface Actor {
  readonly me: boolean
  readonly name: string
}

const name = ({ me, name }: Actor): string => me ? "You" : name

export const en = {
  /** As `Intl` knows the language. */
  locale: "en",
  page: {
    name: "Switchboard",
    languageLabel: "Language",
    title: (unread: number, conversation: string | undefined) =>
      `${unread > 0 ? `(${unread}) ` : ""}${conversation === undefined ? "" : `${conversation} · `}Switchboard`,
    close: "Close",
    dismiss: "Dismiss",
    keep: "Cancel",
    loading: "Loading…",
    tryAgain: "Try again"
  },
  people: {
    someone: "Somebody",
    you: "you",
    operator: "The operator",
    toldApart: (name: string, id: string) => `${name} (${id})`,
    picture: "Picture",
    profile: "Your profile",
    name: "Name",
    nameHint: "How others see you. Without one they see your id.",
    status: "Status",
    statusHint: "A line about you.",
    id: "Id",
    copyId: "Copy the id",
    copied: "Copied",
    save: "Save",
    saved: "Saved.",
    choosePicture: "Choose a picture",
    removePicture: "Remove picture",
    preparing: "The picture is on its way…",
    noPicture: "This is not a picture that the page can show; choose a PNG, JPEG or WebP.",
    blocked: "Blocked",
    nobodyBlocked: "You have blocked nobody.",
    unblock: (name: string) => `Unblock ${name}`,
    unseen: (name: string) =>
      `Nobody of that name has been here yet. ${name} gets what you write when they come; check that the name is right.`,
    unseenOnes: (names: string, count: number) =>
      count === 1
        ? `Nobody of the name ${names} has been here yet.`
        : `Nobody of these names has been here yet: ${names}.`,
    otherCase: (id: string) => `You know ${id}, which is written another way.`,
    writeTo: (name: string) => `Write to ${name}`,
    found: (count: number) => count === 1 ? "1 person found" : `${count} people found`,
    suggestions: "People"
  },
  mentions: {
    everybody: "Everybody in the group",
    suggestions: "Members to mention",
    unread: (count: number) => count === 1 ? "mentions you" : `${count} messages mention you`
  },
  settings: {
    menu: "More",
    mute: "Mute",
    muteFor: { hour: "Mute for 1 hour", hours: "Mute for 8 hours", week: "Mute for a week", good: "Mute for good" },
    mentionsToo: "Mute mentions, too",
    unmute: "Unmute",
    muted: "Muted",
    unmuteBefore: (when: string) => `Unmute (muted until ${when})`,
    archive: "Archive",
    unarchive: "Bring back from the archive",
    archived: (count: number) => `Archived (${count})`,
    markUnread: "Mark as unread",
    markedUnread: "marked as unread",
    readPrivately: "Read privately",
    readPrivatelyHint: "From now on others do not see how far you have read."
  },
  groups: {
    deletedBy: (who: string) => `Deleted by ${who}`,
    deletedByOperator: "Deleted by the operator",
    report: "Report",
    reportQuestion: "Report this message to those who run the group and the server?",
    reason: "Reason",
    reasonHint: "You need not give one.",
    reported: "It was reported. Thank you.",
    reportCame: (reason: string | undefined) =>
      reason === undefined ? "A message was reported." : `A message was reported: “${reason}”`,
    keepOut: "Keep them out, too",
    banned: "Banned",
    letIn: "Let in",
    unban: (who: string) => `Let ${who} in again`,
    description: "Description",
    describe: "Save",
    invites: "Invite links",
    createInvite: "Create a link",
    ends: "Ends",
    endsIn: { day: "in 1 day", week: "in 7 days", never: "never" },
    uses: "Uses",
    usesOf: { one: "1", ten: "10", any: "any number" },
    endsAt: (when: string) => `ends ${when}`,
    endsNever: "never ends",
    usesLeft: (count: number) => count === 1 ? "1 use left" : `${count} uses left`,
    copyLink: "Copy the link",
    revoke: "Revoke the link",
    revokeQuestion: "Let nobody join by this link any more?",
    joinTitle: "Join the group?",
    joinText: "Somebody gave you a link into a group. Its members will see that you joined.",
    join: "Join",
    notNow: "Not now"
  },
  roles: {
    owner: "an owner",
    admin: "an admin",
    member: "a member"
  } satisfies Record<Role, string>,
  notifications: {
    /** The dialog, and the button that opens it. */
    title: "Notifications",
    newMessage: "New message",
    mentionsYou: "A message that mentions you",
    inGroup: (sender: string, group: string) => `${sender} (${group})`,
    missed: (messages: number, conversations: number) =>
      `${messages} new ${messages === 1 ? "message" : "messages"} in ${conversations} ${
        conversations === 1 ? "conversation" : "conversations"
      }`,
    desktop: "Desktop notifications",
    desktopHint: "While this page is open and you are looking at something else.",
    denied: "This browser blocks notifications of this page. Allow them in its settings for this site.",
    unsupported: "This browser has no notifications.",
    insecure: "Browsers allow notifications only to pages that come over https.",
    show: "What a notification shows",
    shows: {
      full: "Name and text",
      name: "Only the name",
      nothing: "Nothing of the message"
    } satisfies Record<Shown, string>,
    sound: "Sound",
    soundHint: "For messages that you are notified of.",
    push: "Notify me when the page is closed",
    pushHint: "The server asks your browser's push service to show new messages; it cannot read them.",
    pushFailed: "The browser's push service could not be reached; try again later.",
    pushTaken: (user: string) => `This browser notifies ${user} at present; switching it on here ends that.`,
    quiet: "Muted conversations stay quiet.",
    question: "Messages came while you were not looking. Shall this browser notify you next time?",
    yes: "Notify me",
    no: "Not now",
    newVersion: "There is a newer version of this page.",
    reload: "Reload"
  },
  signIn: {
    signingIn: "Signing in",
    intro: "Choose the name that others will know you by.",
    introToken: "Paste the token that you were given.",
    name: "Your name",
    nameExample: "alice",
    nameRule:
      `A name has 1 to ${maxUserId} letters (A to Z), digits or . _ ~ ! $ & ' ( ) * + , ; = : @ / | % - and begins with a letter, a digit or + _ -.`,
    token: "Token",
    introProvider: (host: string) => `You sign in at ${host}, and come back here.`,
    withProvider: (host: string) => `Sign in with ${host}`,
    submit: "Sign in",
    busy: "Signing in…",
    signOut: "Sign out"
  },
  openId: {
    cancelled: (host: string) => `You did not sign in at ${host}.`,
    refused: (host: string, code: string) => `${host} refuses the sign-in (${code}); sign in again.`,
    down: (host: string) => `${host} cannot be reached; try again later.`,
    unusable: (host: string) => `The answer of ${host} cannot be used; sign in again.`,
    stranger: "This sign-in was not begun here; sign in again.",
    insecure: "To sign in, open this page with https.",
    again: "Sign in again"
  },
  access: {
    label: "Sign-in",
    ended: "Your sign-in has ended.",
    ending: "Your sign-in ends soon.",
    countdown: (seconds: number) => `In ${seconds} s`,
    newToken: "New token",
    paste: "Paste a new token",
    goOn: "Go on",
    stay: "Stay signed in",
    otherUser: (user: string) => `This is the token of ${user}; sign out to go on as somebody else.`
  },
  connection: {
    label: "Connection",
    states: { Connecting: "connecting…", Ready: "online", Reconnecting: "offline", Closed: "signed out" },
    unknownUser: "The server does not know you any longer.",
    expired: "Your sign-in has ended.",
    kicked: "An administrator ended this connection.",
    replaced: "This conversation was opened in another window.",
    misunderstood: "The page and the server do not understand each other; reload the page.",
    flood: "You sent too much at once.",
    ended: (reason: string) => `The connection was ended: ${reason}.`,
    offline: "You are offline.",
    writeNow: "What you write now is sent later.",
    waiting: (count: number) => `${plural(count, "message waits", "messages wait")} to be sent.`,
    nextAttempt: (seconds: number) => `Next attempt in ${seconds} s`,
    connecting: "Connecting…",
    again: "Connect again",
    now: "Try now"
  },
  list: {
    label: "Conversations",
    navigation: "Conversation list",
    filter: "Search",
    filterLabel: "Search conversations",
    newConversation: "New conversation",
    newGroup: "New group",
    empty: "No conversations yet. Begin one with the + above.",
    nobody: "Nobody of that name.",
    searching: "Searching…",
    searchFor: <T>(query: T): ReadonlyArray<T | string> => ["Search messages for “", query, "”"],
    typing: "typing…",
    unread: (count: number) => `${count} unread`,
    sayHello: "Say hello",
    files: "Files",
    sender: (sender: string, text: string) => `${sender}: ${text}`
  },
  first: {
    nobody: "Nobody has written to you yet",
    youAre: <T>(me: T): ReadonlyArray<T | string> => [
      "You are ",
      me,
      " here: tell others that name, or write to somebody whose name you know. They get it when they come."
    ],
    write: "Write to somebody",
    noneOpen: "No conversation is open",
    choose: "Choose a conversation, or begin a new one."
  },
  header: {
    back: "Back to conversations",
    ownNotes: "Notes to yourself",
    noMember: "You are no longer a member",
    group: "Group",
    membersOnline: (members: number, online: number) => `${plural(members, "member", "members")}, ${online} online`,
    search: "Search in this conversation",
    files: "Files of this conversation",
    groupDetails: "Group details",
    contactDetails: "Contact details"
  },
  log: {
    conversation: (name: string) => `Conversation with ${name}`,
    label: "Messages",
    newMessages: "New messages",
    beginning: "This is where it began",
    toLatest: "To the latest message",
    toUnread: (unread: number) => `To the latest, ${unread} unread`,
    typing: (names: ReadonlyArray<string>, listed: string) =>
      names.length > 3 ? "Several people are typing" : `${listed} ${names.length === 1 ? "is" : "are"} typing`
  },
  message: {
    label: (by: Actor, time: string) => `${name(by)}, ${time}`,
    reactions: "Reactions",
    reaction: (emoji: string, count: number, users: string) => `${emoji} ${count}: ${users}`,
    showAll: "Show all",
    edited: "edited",
    editedAt: (time: string) => `Edited ${time}`,
    earlier: "Earlier message",
    show: "Show",
    deleted: "Message deleted",
    hidden: "Message hidden",
    hiddenBlocked: "Hidden while you had them blocked",
    code: "Code",
    codeIn: (language: string) => `Code in ${language}`,
    copyCode: "Copy code",
    copied: "Copied"
  },
  ticks: {
    pending: "Waiting to be sent",
    failed: "Not sent",
    accepted: "Sent",
    delivered: "Delivered",
    read: "Read"
  },
  actions: {
    label: "Message actions",
    react: "React",
    reply: "Reply",
    edit: "Edit",
    delete: "Delete",
    report: "Report",
    deleteLabel: "Delete this message?",
    deleteQuestion: "Delete for everyone?",
    readers: "Who has read it",
    readersLabel: "Who has read this",
    readBy: (users: string) => `Read by ${users}.`,
    deliveredTo: (users: string) => `Delivered to ${users}.`,
    nobodyYet: "nobody yet",
    chooseReaction: "Choose a reaction",
    reactWith: (emoji: string) => `React with ${emoji}`,
    takeBack: (emoji: string) => `Take back ${emoji}`
  },
  composer: {
    field: (name: string) => `Message to ${name}`,
    placeholder: "Write a message",
    hint: "**bold**  _italic_  ~~struck~~  `code`  > quote  - list  :emoji",
    send: "Send",
    save: "Save",
    replyTo: <T>(sender: T): ReadonlyArray<T | string> => ["Reply to ", sender],
    editing: "Edit message",
    noReply: "Do not reply",
    noEdit: "Do not edit",
    attach: "Attach files",
    files: "Files",
    tray: "Files to send",
    trayFailed: "Not all of them could be uploaded: try again, or remove what failed.",
    tooLong: "Too long: send it in parts.",
    bytes: (bytes: string, max: string) => `${bytes} of ${max} bytes`,
    drop: "Drop files here to send them",
    blocked: <T>(user: T): ReadonlyArray<T | string> => ["You blocked ", user, "."],
    gone: "You are no longer in this group."
  },
  emoji: {
    /** The names of all emoji. */
    load: (): Promise<{ readonly default: ReadonlyArray<Named> }> => import("emojibase-data/en/compact.json"),
    open: "Emoji",
    title: "Choose an emoji",
    more: "More reactions",
    search: "Search emoji",
    example: "smile, cat, coffee",
    groups: "Kinds of emoji",
    recent: "Recently used",
    group: {
      0: "Smileys & emotion",
      1: "People & body",
      3: "Animals & nature",
      4: "Food & drink",
      5: "Travel & places",
      6: "Activities",
      7: "Objects",
      8: "Symbols",
      9: "Flags"
    } satisfies Record<Group, string>,
    tone: "Skin tone",
    tones: ["no tone", "light", "medium-light", "medium", "medium-dark", "dark"],
    found: (count: number) => `${plural(count, "emoji", "emoji")} found`,
    none: "No emoji of that name.",
    notLoaded: "The emoji could not be loaded; check the connection.",
    completion: "Emoji of that name"
  },
  pending: {
    waitsFor: "Files that this message waits for",
    sendAgain: "Send again",
    discard: "Discard",
    doNotSend: "Do not send",
    cutShort: "The page was closed before the files of this message had gone up; attach them again.",
    noRoom: "There is no room in this browser to keep the message; connect again to send it."
  },
  files: {
    /** What a file is called that has no name. */
    unnamed: "file",
    bytes: (count: number) => plural(count, "byte", "bytes"),
    one: { picture: "Picture", video: "Video", audio: "Audio", file: "File" },
    several: {
      picture: (count: number) => `${count} pictures`,
      video: (count: number) => `${count} videos`,
      audio: (count: number) => `${count} audio files`,
      file: (count: number) => `${count} files`
    },
    withText: (files: string, text: string) => `${files}: ${text}`,
    openPicture: (name: string) => `Open picture ${name}`,
    picture: (name: string) => `Picture ${name}`,
    pictureBy: (name: string, sender: string) => `Picture ${name}, sent by ${sender}`,
    download: (name: string) => `Download ${name}`,
    pictureBefore: "Picture before",
    pictureAfter: "Picture after",
    place: (index: number, count: number) => `${index} of ${count}`,
    showInConversation: "Show in the conversation",
    gallery: "Files of this conversation",
    kinds: "Kind of files",
    pictures: "Pictures",
    others: "Other files",
    noPictures: "No pictures have been sent here.",
    noOthers: "No other files have been sent here."
  },
  uploads: {
    waiting: (size: string) => `${size}, waiting`,
    beginsAgain: (size: string) => `${size}, begins again`,
    going: (percent: number, size: string) => `${percent} % of ${size}`,
    goingAgain: (percent: number, size: string) => `Begun again: ${percent} % of ${size}`,
    checked: (size: string) => `${size}, being checked`,
    progress: (name: string) => `Upload of ${name}`,
    retry: (name: string) => `Try ${name} again`,
    remove: (name: string) => `Remove ${name}`,
    spoken: (there: number, count: number, again: boolean) =>
      `${there} of ${plural(count, "file", "files")} uploaded.${
        again ? " The connection broke off; an upload has begun again." : ""
      }`,
    empty: (name: string) => `“${name}” is empty, or a folder: choose files with something in them.`,
    tooLarge: (name: string, size: string) => `“${name}” is too large: this server takes files of up to ${size}.`,
    tooMany: (most: number) => `A message has room for ${most} files; send the rest in another.`
  },
  search: {
    title: "Search messages",
    field: "Words to search for",
    placeholder: "Words, or “a phrase”",
    results: "Messages found",
    searching: "Searching…",
    searchingMore: "Searching for more…",
    found: (count: number, more: boolean) => `${count}${more ? "+" : ""} found, the newest first`,
    nothing: "Nothing found. Words are found by their beginning, in what you may read.",
    nothingYet: "Nothing found so far.",
    filters: "Where, and what it has",
    inConversation: <T>(name: T): ReadonlyArray<T | string> => ["In ", name],
    files: "Files",
    links: "Links",
    more: "From, dates",
    from: "From",
    fromExample: "bob",
    since: "Since",
    until: "Until",
    you: "You",
    noWord: "There is no word in this: type letters or digits.",
    twoLetters: "Type at least two letters.",
    typeWord: "Type a word, or its beginning. “Quotes” keep words together."
  },
  begin: {
    title: "New conversation",
    titleGroup: "New group",
    name: "Name",
    nameExample: "bob",
    away: "They need not be here now: they get what you write when they come.",
    start: "Start",
    groupName: "Name of the group",
    groupExample: "Friday hikes",
    members: "Members",
    membersExample: "bob, carol",
    history: "Later members may read what was said before",
    create: "Create group",
    notAName: (text: string) => `“${text}” cannot be a name.`,
    without: (user: string) => `Without ${user}`
  },
  details: {
    contact: "Contact",
    group: "Group",
    blocked: "You blocked this person: what they write does not reach you.",
    notBlocked: "What a blocked person writes does not reach you, and they are not told.",
    block: "Block",
    unblock: "Unblock",
    rename: "Rename",
    members: (count: number) => plural(count, "member", "members"),
    addMembers: "Add members",
    add: "Add",
    leave: "Leave group",
    leaveQuestion: "Leave this group? Only an owner or admin can bring you back.",
    you: "(you)",
    roleOf: (user: string) => `Role of ${user}`,
    roles: { owner: "owner", admin: "admin", member: "member" } satisfies Record<Role, string>,
    remove: (user: string) => `Remove ${user}`,
    removeQuestion: (user: string) => `Remove ${user} from the group?`
  },
  /** What somebody did to a group, as one line of its log. */
  changes: {
    /** Of many the first few. */
    andOthers: (listed: string, others: number) => `${listed} and ${others} others`,
    /** The user, as one to whom something is done, and as one who is there too. */
    object: "you",
    with: "you",
    created: (by: Actor, group: string, others: string | undefined) =>
      `${name(by)} created “${group}”${others === undefined ? "" : ` with ${others}`}`,
    added: (by: Actor, users: string) => `${name(by)} added ${users}`,
    removed: (by: Actor, users: string) => `${name(by)} removed ${users}`,
    roleSet: (by: Actor, user: string, role: string) => `${name(by)} made ${user} ${role}`,
    renamed: (by: Actor, group: string) => `${name(by)} named the group “${group}”`,
    because: (sentence: string, reason: string | undefined) =>
      reason === undefined ? sentence : `${sentence}: “${reason}”`,
    banned: (by: Actor, users: string) => `${name(by)} banned ${users}`,
    unbanned: (by: Actor, users: string) => `${name(by)} let ${users} come back`,
    joined: (by: Actor) => `${name(by)} joined by an invite link`,
    described: (by: Actor) => `${name(by)} changed the description`,
    undescribed: (by: Actor) => `${name(by)} removed the description`,
    pictureSet: (by: Actor) => `${name(by)} changed the group’s picture`,
    pictureRemoved: (by: Actor) => `${name(by)} removed the group’s picture`,
    left: (by: Actor) => `${name(by)} left`,
    other: (by: Actor) => `${name(by)} changed the group`
  },
  times: {
    today: "Today",
    yesterday: "Yesterday",
    online: "online",
    offline: "offline",
    justNow: "last seen just now",
    minutesAgo: (minutes: number) => `last seen ${minutes} min ago`,
    seenAt: (time: string) => `last seen at ${time}`,
    seenOn: (day: string, time: string) => `last seen ${day} at ${time}`,
    seenYesterday: (time: string) => `last seen yesterday at ${time}`
  },
  problems: {
    unreachable: "The server cannot be reached.",
    answered: (status: number) => `The server answered ${status}.`,
    notConnected: "You are not connected; connect again first.",
    /** What the server and the client say in English, where another language says it itself. */
    byCode: {} as Partial<Record<ErrorCode, string>>,
    byStatus: {} as Readonly<Record<number, string>>,
    byReason: {} as Partial<Record<ClientError["reason"], string>>,
    /** Sentences of the server may speak of frames, which people have none of. */
    instead: [
      [/ with set_role/, ""],
      [/^Use leave_group to leave/, "Use “Leave group” to leave"],
      [/; unsubscribe from some first/, "; some are shown as offline"]
    ] as ReadonlyArray<readonly [RegExp, string]>
  }
}

export type Words = typeof en
