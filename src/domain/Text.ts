/** What can be seen of a string. Pure; by the properties that Unicode gives to characters. */

/** White space, controls, and what has no shape of its own: joiners, direction marks, fillers, the empty Braille pattern. */
const unseen = /[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u

const onlyUnseen = new RegExp(`^${unseen.source}*$`, "u")

/** Whether nobody would see anything. */
export const isBlank = (s: string): boolean => onlyUnseen.test(s)

/** Well-formed Unicode without NUL, which Postgres cannot hold: every store and every client can. */
export const isStorable = (s: string): boolean => s.isWellFormed() && !s.includes("\0")

/**
 * As Unicode builds them (UTS #51): a picture with its variant and skin tone, or tags for a flag of a region; several of
 * these joined; a pair of regional indicators; a keycap. New pictures are among those that Unicode keeps free for them.
 */
const picture = "\\p{Extended_Pictographic}[\\uFE0E\\uFE0F]?\\p{Emoji_Modifier}?(?:[\\u{E0020}-\\u{E007E}]+\\u{E007F})?"
const sequence = new RegExp(
  `^(?:${picture}(?:\\u200D${picture})*|\\p{Regional_Indicator}{2}|[0-9#*]\\uFE0F?\\u20E3)$`,
  "u"
)

/** An emoji, or anything short of which every character can be seen, as the names that some clients give to pictures. */
export const isEmoji = (s: string): boolean => sequence.test(s) || (s.length > 0 && s.isWellFormed() && !unseen.test(s))
