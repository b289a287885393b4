/** Times and days as people say them, in their own language and time zone. */
import type { Presence } from "../state/model.ts"
import { perLocale, words } from "../words/index.ts"

const format = (options: Intl.DateTimeFormatOptions) => perLocale((locale) => new Intl.DateTimeFormat(locale, options))

const clock = format({ hour: "numeric", minute: "2-digit" })
const weekday = format({ weekday: "long" })
const shortWeekday = format({ weekday: "short" })
const date = format({ day: "numeric", month: "long" })
const dateOfYear = format({ day: "numeric", month: "long", year: "numeric" })
const short = format({ day: "2-digit", month: "2-digit", year: "2-digit" })
const full = format({ dateStyle: "full", timeStyle: "short" })

const day = 86_400_000

/** A number that is the same for all moments of one day here. */
export const dayOf = (at: number): number => new Date(at).setHours(0, 0, 0, 0)

const daysAgo = (at: number, now: number): number => Math.round((dayOf(now) - dayOf(at)) / day)

export const timeOf = (at: number): string => clock().format(at)

export const fullTimeOf = (at: number): string => full().format(at)

export const dayName = (at: number, now: number): string => {
  const ago = daysAgo(at, now)
  if (ago === 0) return words.times.today
  if (ago === 1) return words.times.yesterday
  if (ago > 1 && ago < 7) return weekday().format(at)
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? date().format(at) : dateOfYear().format(at)
}

/** Short, for the list of conversations. */
export const moment = (at: number, now: number): string => {
  if (at === 0) return ""
  const ago = daysAgo(at, now)
  if (ago <= 0) return timeOf(at)
  if (ago === 1) return words.times.yesterday
  return ago < 7 ? shortWeekday().format(at) : short().format(at)
}

/** Whether somebody is here, or when they were; nothing of whom nothing is known. */
export const whereabouts = (presence: Presence | undefined, now: number): string => {
  if (presence === undefined) return ""
  const { lastSeen: at, online } = presence
  const { times } = words
  if (online) return times.online
  if (at === undefined) return times.offline
  const minutes = Math.round((now - at) / 60_000)
  if (minutes < 1) return times.justNow
  if (minutes < 60) return times.minutesAgo(minutes)
  const ago = daysAgo(at, now)
  if (ago === 0) return times.seenAt(timeOf(at))
  return ago === 1 ? times.seenYesterday(timeOf(at)) : times.seenOn(dayName(at, now), timeOf(at))
}
