/** Deutsch, per du. */
import { maxUserId } from "../../domain/userIds.ts"
import type { Actor, Words } from "./en.ts"

const plural = (count: number, one: string, more: string): string => `${count} ${count === 1 ? one : more}`

/** „Du hast …“ und „bob hat …“. */
const has = ({ me, name }: Actor): string => me ? "Du hast" : `${name} hat`

export const words: Words = {
  locale: "de",
  page: {
    name: "Switchboard",
    languageLabel: "Sprache",
    title: (unread, conversation) =>
      `${unread > 0 ? `(${unread}) ` : ""}${conversation === undefined ? "" : `${conversation} · `}Switchboard`,
    close: "Schließen",
    dismiss: "Ausblenden",
    keep: "Abbrechen",
    loading: "Wird geladen …",
    tryAgain: "Noch einmal versuchen"
  },
  people: {
    someone: "Jemand",
    you: "du",
    operator: "Der Betreiber",
    toldApart: (name, id) => `${name} (${id})`,
    picture: "Bild",
    profile: "Dein Profil",
    name: "Name",
    nameHint: "Wie andere dich sehen. Ohne einen sehen sie deine Kennung.",
    status: "Status",
    statusHint: "Eine Zeile über dich.",
    id: "Kennung",
    copyId: "Kennung kopieren",
    copied: "Kopiert",
    save: "Speichern",
    saved: "Gespeichert.",
    choosePicture: "Bild auswählen",
    removePicture: "Bild entfernen",
    preparing: "Das Bild ist unterwegs …",
    noPicture: "Das ist kein Bild, das die Seite zeigen kann; wähle ein PNG, JPEG oder WebP.",
    blocked: "Blockiert",
    nobodyBlocked: "Du hast niemanden blockiert.",
    unblock: (name) => `${name} freigeben`,
    unseen: (name) =>
      `Unter diesem Namen war noch niemand hier. ${name} bekommt, was du schreibst, beim ersten Besuch; sieh nach, ob der Name stimmt.`,
    unseenOnes: (names, count) =>
      count === 1
        ? `Unter dem Namen ${names} war noch niemand hier.`
        : `Unter diesen Namen war noch niemand hier: ${names}.`,
    otherCase: (id) => `Du kennst ${id}, anders geschrieben.`,
    writeTo: (name) => `${name} schreiben`,
    found: (count) => plural(count, "Person gefunden", "Personen gefunden"),
    suggestions: "Personen"
  },
  mentions: {
    everybody: "Alle in der Gruppe",
    suggestions: "Mitglieder zum Erwähnen",
    unread: (count) => count === 1 ? "erwähnt dich" : `${count} Nachrichten erwähnen dich`
  },
  settings: {
    menu: "Mehr",
    mute: "Stummschalten",
    muteFor: {
      hour: "1 Stunde stumm",
      hours: "8 Stunden stumm",
      week: "Eine Woche stumm",
      good: "Für immer stumm"
    },
    mentionsToo: "Auch Erwähnungen stummschalten",
    unmute: "Nicht mehr stumm",
    muted: "Stumm",
    unmuteBefore: (when) => `Nicht mehr stumm (stumm bis ${when})`,
    archive: "Archivieren",
    unarchive: "Aus dem Archiv holen",
    archived: (count) => `Archiviert (${count})`,
    markUnread: "Als ungelesen markieren",
    markedUnread: "als ungelesen markiert",
    readPrivately: "Unbemerkt lesen",
    readPrivatelyHint: "Andere sehen von jetzt an nicht, wie weit du gelesen hast."
  },
  groups: {
    deletedBy: (who) => `Gelöscht von ${who}`,
    deletedByOperator: "Gelöscht vom Betreiber",
    report: "Melden",
    reportQuestion: "Diese Nachricht denen melden, die die Gruppe und den Server verwalten?",
    reason: "Grund",
    reasonHint: "Du musst keinen angeben.",
    reported: "Die Nachricht wurde gemeldet. Danke.",
    reportCame: (reason) =>
      reason === undefined ? "Eine Nachricht wurde gemeldet." : `Eine Nachricht wurde gemeldet: „${reason}“`,
    keepOut: "Auch nicht wieder hereinlassen",
    banned: "Ausgeschlossen",
    letIn: "Hereinlassen",
    unban: (who) => `${who} wieder hereinlassen`,
    description: "Beschreibung",
    describe: "Speichern",
    invites: "Einladungslinks",
    createInvite: "Link anlegen",
    ends: "Endet",
    endsIn: { day: "in 1 Tag", week: "in 7 Tagen", never: "nie" },
    uses: "Nutzungen",
    usesOf: { one: "1", ten: "10", any: "beliebig viele" },
    endsAt: (when) => `endet ${when}`,
    endsNever: "endet nie",
    usesLeft: (count) => plural(count, "Nutzung übrig", "Nutzungen übrig"),
    copyLink: "Link kopieren",
    revoke: "Link zurückziehen",
    revokeQuestion: "Mit diesem Link niemanden mehr hereinlassen?",
    joinTitle: "Der Gruppe beitreten?",
    joinText: "Jemand hat dir einen Link in eine Gruppe gegeben. Ihre Mitglieder sehen, dass du beigetreten bist.",
    join: "Beitreten",
    notNow: "Nicht jetzt"
  },
  roles: {
    owner: "Eigentümer",
    admin: "Admin",
    member: "Mitglied"
  },
  notifications: {
    title: "Benachrichtigungen",
    newMessage: "Neue Nachricht",
    mentionsYou: "Eine Nachricht, die dich erwähnt",
    inGroup: (sender, group) => `${sender} (${group})`,
    missed: (messages, conversations) =>
      `${plural(messages, "neue Nachricht", "neue Nachrichten")} in ${
        plural(conversations, "Unterhaltung", "Unterhaltungen")
      }`,
    desktop: "Benachrichtigungen auf dem Bildschirm",
    desktopHint: "Solange diese Seite offen ist und du etwas anderes ansiehst.",
    denied:
      "Dieser Browser verbietet Benachrichtigungen dieser Seite. Erlaube sie in seinen Einstellungen für diese Seite.",
    unsupported: "Dieser Browser hat keine Benachrichtigungen.",
    insecure: "Browser erlauben Benachrichtigungen nur Seiten, die über https kommen.",
    show: "Was eine Benachrichtigung zeigt",
    shows: {
      full: "Name und Text",
      name: "Nur den Namen",
      nothing: "Nichts von der Nachricht"
    },
    sound: "Ton",
    soundHint: "Für Nachrichten, über die du benachrichtigt wirst.",
    push: "Benachrichtigen, wenn die Seite geschlossen ist",
    pushHint:
      "Der Server bittet den Push-Dienst deines Browsers, neue Nachrichten zu zeigen; der Dienst kann sie nicht lesen.",
    pushFailed: "Der Push-Dienst des Browsers ist nicht erreichbar; versuche es später noch einmal.",
    pushTaken: (user) => `Dieser Browser benachrichtigt zurzeit ${user}; wenn du es hier einschaltest, endet das.`,
    quiet: "Stumme Unterhaltungen bleiben still.",
    question:
      "Es kamen Nachrichten, während du nicht hingesehen hast. Soll dieser Browser dich nächstes Mal benachrichtigen?",
    yes: "Benachrichtigen",
    no: "Nicht jetzt",
    newVersion: "Es gibt eine neuere Fassung dieser Seite.",
    reload: "Neu laden"
  },
  signIn: {
    signingIn: "Anmeldung läuft",
    intro: "Wähle den Namen, unter dem andere dich kennen.",
    introToken: "Füge das Token ein, das du bekommen hast.",
    name: "Dein Name",
    nameExample: "alice",
    nameRule:
      `Ein Name hat 1 bis ${maxUserId} Buchstaben (A bis Z), Ziffern oder . _ ~ ! $ & ' ( ) * + , ; = : @ / | % - und beginnt mit einem Buchstaben, einer Ziffer oder + _ -.`,
    token: "Token",
    introProvider: (host) => `Du meldest dich bei ${host} an und kommst hierher zurück.`,
    withProvider: (host) => `Mit ${host} anmelden`,
    submit: "Anmelden",
    busy: "Anmeldung läuft …",
    signOut: "Abmelden"
  },
  openId: {
    cancelled: (host) => `Du hast dich bei ${host} nicht angemeldet.`,
    refused: (host, code) => `${host} lehnt die Anmeldung ab (${code}); melde dich noch einmal an.`,
    down: (host) => `${host} ist nicht erreichbar; versuche es später noch einmal.`,
    unusable: (host) => `Die Antwort von ${host} ist nicht zu gebrauchen; melde dich noch einmal an.`,
    stranger: "Diese Anmeldung hat nicht hier begonnen; melde dich noch einmal an.",
    insecure: "Öffne diese Seite mit https, um dich anzumelden.",
    again: "Neu anmelden"
  },
  access: {
    label: "Anmeldung",
    ended: "Deine Anmeldung ist abgelaufen.",
    ending: "Deine Anmeldung läuft bald ab.",
    countdown: (seconds) => `In ${seconds} s`,
    newToken: "Neues Token",
    paste: "Neues Token einfügen",
    goOn: "Weiter",
    stay: "Angemeldet bleiben",
    otherUser: (user) => `Das ist das Token von ${user}; melde dich ab, um als jemand anderes weiterzumachen.`
  },
  connection: {
    label: "Verbindung",
    states: { Connecting: "verbindet …", Ready: "online", Reconnecting: "offline", Closed: "abgemeldet" },
    unknownUser: "Der Server kennt dich nicht mehr.",
    expired: "Deine Anmeldung ist abgelaufen.",
    kicked: "Ein Administrator hat diese Verbindung beendet.",
    replaced: "Diese Unterhaltung wurde in einem anderen Fenster geöffnet.",
    misunderstood: "Die Seite und der Server verstehen einander nicht; lade die Seite neu.",
    flood: "Du hast zu viel auf einmal gesendet.",
    ended: (reason) => `Die Verbindung wurde beendet: ${reason}.`,
    offline: "Du bist offline.",
    writeNow: "Was du jetzt schreibst, wird später gesendet.",
    waiting: (count) => `${plural(count, "Nachricht wartet", "Nachrichten warten")} darauf, gesendet zu werden.`,
    nextAttempt: (seconds) => `Nächster Versuch in ${seconds} s`,
    connecting: "Verbindet …",
    again: "Neu verbinden",
    now: "Jetzt versuchen"
  },
  list: {
    label: "Unterhaltungen",
    navigation: "Liste der Unterhaltungen",
    filter: "Suchen",
    filterLabel: "Unterhaltungen durchsuchen",
    newConversation: "Neue Unterhaltung",
    newGroup: "Neue Gruppe",
    empty: "Noch keine Unterhaltungen. Beginne oben mit + eine.",
    nobody: "Niemand mit diesem Namen.",
    searching: "Sucht …",
    searchFor: (query) => ["Nachrichten mit „", query, "“ suchen"],
    typing: "schreibt …",
    unread: (count) => `${count} ungelesen`,
    sayHello: "Sag Hallo",
    files: "Dateien",
    sender: (sender, text) => `${sender}: ${text}`
  },
  first: {
    nobody: "Dir hat noch niemand geschrieben",
    youAre: (me) => [
      "Du bist hier ",
      me,
      ": Sag anderen diesen Namen, oder schreib jemandem, dessen Namen du kennst. Wer nicht da ist, bekommt es beim nächsten Besuch."
    ],
    write: "Jemandem schreiben",
    noneOpen: "Keine Unterhaltung ist geöffnet",
    choose: "Wähle eine Unterhaltung, oder beginne eine neue."
  },
  header: {
    back: "Zurück zu den Unterhaltungen",
    ownNotes: "Notizen an dich selbst",
    noMember: "Du bist kein Mitglied mehr",
    group: "Gruppe",
    membersOnline: (members, online) => `${plural(members, "Mitglied", "Mitglieder")}, ${online} online`,
    search: "In dieser Unterhaltung suchen",
    files: "Dateien dieser Unterhaltung",
    groupDetails: "Über die Gruppe",
    contactDetails: "Über den Kontakt"
  },
  log: {
    conversation: (name) => `Unterhaltung mit ${name}`,
    label: "Nachrichten",
    newMessages: "Neue Nachrichten",
    beginning: "Hier hat es angefangen",
    toLatest: "Zur neuesten Nachricht",
    toUnread: (unread) => `Zur neuesten Nachricht, ${unread} ungelesen`,
    typing: (names, listed) =>
      names.length > 3
        ? "Mehrere schreiben gerade"
        : `${listed} ${names.length === 1 ? "schreibt" : "schreiben"} gerade`
  },
  message: {
    label: ({ me, name }, time) => `${me ? "Du" : name}, ${time}`,
    reactions: "Reaktionen",
    reaction: (emoji, count, users) => `${emoji} ${count}: ${users}`,
    showAll: "Alles zeigen",
    edited: "bearbeitet",
    editedAt: (time) => `Bearbeitet: ${time}`,
    earlier: "Frühere Nachricht",
    show: "Zeigen",
    deleted: "Nachricht gelöscht",
    hidden: "Nachricht verborgen",
    hiddenBlocked: "Verborgen, weil du diese Person blockiert hattest",
    code: "Code",
    codeIn: (language) => `Code in ${language}`,
    copyCode: "Code kopieren",
    copied: "Kopiert"
  },
  ticks: {
    pending: "Wartet auf das Senden",
    failed: "Nicht gesendet",
    accepted: "Gesendet",
    delivered: "Zugestellt",
    read: "Gelesen"
  },
  actions: {
    label: "Aktionen für die Nachricht",
    react: "Reagieren",
    reply: "Antworten",
    edit: "Bearbeiten",
    delete: "Löschen",
    report: "Melden",
    deleteLabel: "Diese Nachricht löschen?",
    deleteQuestion: "Für alle löschen?",
    readers: "Wer es gelesen hat",
    readersLabel: "Wer das gelesen hat",
    readBy: (users) => `Gelesen von ${users}.`,
    deliveredTo: (users) => `Zugestellt an ${users}.`,
    nobodyYet: "noch niemandem",
    chooseReaction: "Reaktion wählen",
    reactWith: (emoji) => `Mit ${emoji} reagieren`,
    takeBack: (emoji) => `${emoji} zurücknehmen`
  },
  composer: {
    field: (name) => `Nachricht an ${name}`,
    placeholder: "Nachricht schreiben",
    hint: "**fett**  _kursiv_  ~~gestrichen~~  `Code`  > Zitat  - Liste  :Emoji",
    send: "Senden",
    save: "Speichern",
    replyTo: (sender) => ["Antwort an ", sender],
    editing: "Nachricht bearbeiten",
    noReply: "Nicht antworten",
    noEdit: "Nicht bearbeiten",
    attach: "Dateien anhängen",
    files: "Dateien",
    tray: "Dateien zum Senden",
    trayFailed:
      "Nicht alle konnten hochgeladen werden: Versuche es noch einmal, oder entferne, was fehlgeschlagen ist.",
    tooLong: "Zu lang: Sende es in Teilen.",
    bytes: (bytes, max) => `${bytes} von ${max} Bytes`,
    drop: "Dateien hier ablegen, um sie zu senden",
    blocked: (user) => ["Du hast ", user, " blockiert."],
    gone: "Du bist nicht mehr in dieser Gruppe."
  },
  emoji: {
    load: () => import("emojibase-data/de/compact.json"),
    open: "Emoji",
    title: "Emoji auswählen",
    more: "Weitere Reaktionen",
    search: "Emoji suchen",
    example: "lachen, Katze, Kaffee",
    groups: "Arten von Emoji",
    recent: "Zuletzt benutzt",
    group: {
      0: "Smileys & Gefühle",
      1: "Menschen & Körper",
      3: "Tiere & Natur",
      4: "Essen & Trinken",
      5: "Reisen & Orte",
      6: "Aktivitäten",
      7: "Gegenstände",
      8: "Symbole",
      9: "Flaggen"
    },
    tone: "Hautton",
    tones: ["ohne Ton", "hell", "mittelhell", "mittel", "mitteldunkel", "dunkel"],
    found: (count) => `${count} Emoji gefunden`,
    none: "Kein Emoji mit diesem Namen.",
    notLoaded: "Die Emoji konnten nicht geladen werden; prüfe die Verbindung.",
    completion: "Emoji mit diesem Namen"
  },
  pending: {
    waitsFor: "Dateien, auf die diese Nachricht wartet",
    sendAgain: "Noch einmal senden",
    discard: "Verwerfen",
    doNotSend: "Nicht senden",
    cutShort:
      "Die Seite wurde geschlossen, bevor die Dateien dieser Nachricht hochgeladen waren; hänge sie noch einmal an.",
    noRoom: "In diesem Browser ist kein Platz, um die Nachricht zu behalten; verbinde dich neu, um sie zu senden."
  },
  files: {
    unnamed: "Datei",
    bytes: (count) => plural(count, "Byte", "Bytes"),
    one: { picture: "Bild", video: "Video", audio: "Audio", file: "Datei" },
    several: {
      picture: (count) => `${count} Bilder`,
      video: (count) => `${count} Videos`,
      audio: (count) => `${count} Audiodateien`,
      file: (count) => `${count} Dateien`
    },
    withText: (files, text) => `${files}: ${text}`,
    openPicture: (name) => `Bild ${name} öffnen`,
    picture: (name) => `Bild ${name}`,
    pictureBy: (name, sender) => `Bild ${name}, gesendet von ${sender}`,
    download: (name) => `${name} herunterladen`,
    pictureBefore: "Bild davor",
    pictureAfter: "Bild danach",
    place: (index, count) => `${index} von ${count}`,
    showInConversation: "In der Unterhaltung zeigen",
    gallery: "Dateien dieser Unterhaltung",
    kinds: "Art der Dateien",
    pictures: "Bilder",
    others: "Andere Dateien",
    noPictures: "Hier wurden noch keine Bilder gesendet.",
    noOthers: "Hier wurden noch keine anderen Dateien gesendet."
  },
  uploads: {
    waiting: (size) => `${size}, wartet`,
    beginsAgain: (size) => `${size}, beginnt von vorn`,
    going: (percent, size) => `${percent} % von ${size}`,
    goingAgain: (percent, size) => `Noch einmal begonnen: ${percent} % von ${size}`,
    checked: (size) => `${size}, wird geprüft`,
    progress: (name) => `Hochladen von ${name}`,
    retry: (name) => `${name} noch einmal versuchen`,
    remove: (name) => `${name} entfernen`,
    spoken: (there, count, again) =>
      `${there} von ${plural(count, "Datei", "Dateien")} hochgeladen.${
        again ? " Die Verbindung war unterbrochen; ein Hochladen hat von vorn begonnen." : ""
      }`,
    empty: (name) => `„${name}“ ist leer oder ein Ordner: Wähle Dateien mit Inhalt.`,
    tooLarge: (name, size) => `„${name}“ ist zu groß: Dieser Server nimmt Dateien bis ${size}.`,
    tooMany: (most) => `Eine Nachricht hat Platz für ${most} Dateien; sende die übrigen in einer weiteren.`
  },
  search: {
    title: "Nachrichten suchen",
    field: "Wörter, nach denen gesucht wird",
    placeholder: "Wörter oder „eine Wendung“",
    results: "Gefundene Nachrichten",
    searching: "Sucht …",
    searchingMore: "Sucht nach mehr …",
    found: (count, more) => `${count}${more ? "+" : ""} gefunden, die neuesten zuerst`,
    nothing: "Nichts gefunden. Wörter werden an ihrem Anfang erkannt, in allem, was du lesen darfst.",
    nothingYet: "Bis jetzt nichts gefunden.",
    filters: "Wo, und was dabei ist",
    inConversation: (name) => ["In ", name],
    files: "Dateien",
    links: "Links",
    more: "Von wem, wann",
    from: "Von",
    fromExample: "bob",
    since: "Seit",
    until: "Bis",
    you: "Du",
    noWord: "Darin ist kein Wort: Gib Buchstaben oder Ziffern ein.",
    twoLetters: "Gib mindestens zwei Buchstaben ein.",
    typeWord: "Gib ein Wort oder seinen Anfang ein. „Anführungszeichen“ halten Wörter zusammen."
  },
  begin: {
    title: "Neue Unterhaltung",
    titleGroup: "Neue Gruppe",
    name: "Name",
    nameExample: "bob",
    away: "Die Person muss jetzt nicht da sein: Sie bekommt, was du schreibst, sobald sie kommt.",
    start: "Beginnen",
    groupName: "Name der Gruppe",
    groupExample: "Wandern am Freitag",
    members: "Mitglieder",
    membersExample: "bob, carol",
    history: "Spätere Mitglieder dürfen lesen, was vorher gesagt wurde",
    create: "Gruppe anlegen",
    notAName: (text) => `„${text}“ kann kein Name sein.`,
    without: (user) => `Ohne ${user}`
  },
  details: {
    contact: "Kontakt",
    group: "Gruppe",
    blocked: "Du hast diese Person blockiert: Was sie schreibt, erreicht dich nicht.",
    notBlocked: "Was eine blockierte Person schreibt, erreicht dich nicht, und sie erfährt nichts davon.",
    block: "Blockieren",
    unblock: "Freigeben",
    rename: "Umbenennen",
    members: (count) => plural(count, "Mitglied", "Mitglieder"),
    addMembers: "Mitglieder hinzufügen",
    add: "Hinzufügen",
    leave: "Gruppe verlassen",
    leaveQuestion: "Diese Gruppe verlassen? Nur ein Eigentümer oder Admin kann dich zurückholen.",
    you: "(du)",
    roleOf: (user) => `Rolle von ${user}`,
    roles: { owner: "Eigentümer", admin: "Admin", member: "Mitglied" },
    remove: (user) => `${user} entfernen`,
    removeQuestion: (user) => `${user} aus der Gruppe entfernen?`
  },
  changes: {
    andOthers: (listed, others) => `${listed} und ${others} weitere`,
    object: "dich",
    with: "dir",
    created: (by, group, others) => `${has(by)} „${group}“${others === undefined ? "" : ` mit ${others}`} angelegt`,
    added: (by, users) => `${has(by)} ${users} hinzugefügt`,
    removed: (by, users) => `${has(by)} ${users} entfernt`,
    roleSet: (by, user, role) => `${has(by)} ${user} zum ${role} gemacht`,
    renamed: (by, group) => `${has(by)} die Gruppe „${group}“ genannt`,
    because: (sentence, reason) => reason === undefined ? sentence : `${sentence}: „${reason}“`,
    banned: (by, users) => `${has(by)} ${users} ausgeschlossen`,
    unbanned: (by, users) => `${has(by)} ${users} wieder zugelassen`,
    joined: ({ me, name }) => `${me ? "Du bist" : `${name} ist`} über einen Einladungslink beigetreten`,
    described: (by) => `${has(by)} die Beschreibung geändert`,
    undescribed: (by) => `${has(by)} die Beschreibung entfernt`,
    pictureSet: (by) => `${has(by)} das Bild der Gruppe geändert`,
    pictureRemoved: (by) => `${has(by)} das Bild der Gruppe entfernt`,
    left: (by) => `${has(by)} die Gruppe verlassen`,
    other: (by) => `${has(by)} die Gruppe geändert`
  },
  times: {
    today: "Heute",
    yesterday: "Gestern",
    online: "online",
    offline: "offline",
    justNow: "zuletzt gerade eben da",
    minutesAgo: (minutes) => `zuletzt vor ${minutes} min da`,
    seenAt: (time) => `zuletzt um ${time} da`,
    seenOn: (day, time) => `zuletzt ${/^\d/.test(day) ? "am " : ""}${day} um ${time} da`,
    seenYesterday: (time) => `zuletzt gestern um ${time} da`
  },
  problems: {
    unreachable: "Der Server ist nicht erreichbar.",
    answered: (status) => `Der Server hat mit ${status} geantwortet.`,
    notConnected: "Du bist nicht verbunden; verbinde dich zuerst neu.",
    byCode: {
      text_too_long: "Der Text ist zu lang; sende ihn in Teilen.",
      not_found: "Das gibt es nicht, oder es gehört nicht zu deinen Unterhaltungen.",
      not_a_member: "Du bist nicht mehr in dieser Gruppe.",
      rate_limited: "Das war zu viel in kurzer Zeit; warte einen Augenblick und versuche es noch einmal.",
      overloaded: "Der Server hat gerade zu viel zu tun; versuche es gleich noch einmal.",
      unavailable: "Das geht gerade nicht; versuche es gleich noch einmal.",
      unauthenticated: "Deine Anmeldung gilt nicht mehr; melde dich neu an."
    },
    byStatus: {
      401: "Der Server nimmt diese Anmeldung nicht an; prüfe sie, oder lass dir eine neue geben.",
      429: "Das war zu viel in kurzer Zeit; warte einen Augenblick und versuche es noch einmal.",
      503: "Der Server hat gerade zu viel zu tun; versuche es gleich noch einmal."
    },
    byReason: {
      closed: "Die Verbindung ist beendet; verbinde dich neu.",
      refused: "Der Server lässt dich nicht mehr herein.",
      storage: "In diesem Browser ist kein Platz, um die Nachricht zu behalten."
    },
    instead: []
  }
}
