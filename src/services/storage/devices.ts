/** For how many devices, and how long, a store knows how far each has come. Past it a device begins as a new one. */
import { defaultDevice, type DeviceId } from "../../domain/Ids.ts"

export const maxDevicesPerUser = 100

/** A use is noted again after this time, in milliseconds: a write for each confirmation would be too dear. */
export const noteAgainMillis = 3_600_000

/** The connections without a name share a device that stays. */
export const isForgettable = (device: DeviceId): boolean => device !== defaultDevice

export interface DeviceOptions {
  /** Named devices whose positions are kept for each user; 0 keeps all. 100 by default. */
  readonly maxDevicesPerUser?: number
}
