/** Times and days as people say them, in their own language and time zone. */
import type { Presence } from "../state/model.ts"

const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" })
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "long" })
const date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long" })
const dateOfYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" })
const short = new Intl.DateTimeFormat(undefined, { day: "2-digit", month: "2-digit", year: "2-digit" })
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" })

const day = 86_400_000

/** A number that is the same for all moments of one day here. */
export const dayOf = (at: number): number => new Date(at).setHours(0, 0, 0, 0)

const daysAgo = (at: number, now: number): number => Math.round((dayOf(now) - dayOf(at)) / day)

export const timeOf = (at: number): string => clock.format(at)

export const fullTimeOf = (at: number): string => full.format(at)

export const dayName = (at: number, now: number): string => {
  const ago = daysAgo(at, now)
  if (ago === 0) return "Today"
  if (ago === 1) return "Yesterday"
  if (ago > 1 && ago < 7) return weekday.format(at)
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? date.format(at) : dateOfYear.format(at)
}

/** Short, for the list of conversations. */
export const moment = (at: number, now: number): string => {
  if (at === 0) return ""
  const ago = daysAgo(at, now)
  if (ago <= 0) return clock.format(at)
  if (ago === 1) return "Yesterday"
  return ago < 7 ? weekday.format(at).slice(0, 3) : short.format(at)
}

/** Whether somebody is here, or when they were; nothing of whom nothing is known. */
export const whereabouts = (presence: Presence | undefined, now: number): string => {
  if (presence === undefined) return ""
  const { lastSeen: at, online } = presence
  if (online) return "online"
  if (at === undefined) return "offline"
  const minutes = Math.round((now - at) / 60_000)
  if (minutes < 1) return "last seen just now"
  if (minutes < 60) return `last seen ${minutes} min ago`
  return `last seen ${daysAgo(at, now) === 0 ? "" : `${dayName(at, now).toLowerCase()} `}at ${timeOf(at)}`
}
