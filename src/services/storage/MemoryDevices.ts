/** How far each device has come, in the memory store. */
import { Order } from "effect"
import type { ConversationId, DeviceId, UserId } from "../../domain/Ids.ts"
import { isForgettable } from "./devices.ts"

const byDevice = Order.mapInput(
  Order.Tuple([Order.String, Order.String]),
  ({ conversation, device }: { readonly device: DeviceId; readonly conversation: ConversationId }) =>
    [device, conversation] as const
)

type Positions = Map<ConversationId, number>

export class MemoryDevices {
  readonly #max: number
  readonly #of = new Map<UserId, Map<DeviceId, Positions>>()

  constructor(max: number) {
    this.#max = max
  }

  move(user: UserId, device: DeviceId, conversation: ConversationId, upTo: number): void {
    let devices = this.#of.get(user)
    if (devices === undefined) this.#of.set(user, devices = new Map())
    const known = devices.get(device)
    const positions: Positions = known ?? new Map()
    // The one that was used last stands last.
    if (known === undefined || devices.size > 1) {
      devices.delete(device)
      devices.set(device, positions)
    }
    if (known === undefined) this.#makeRoom(devices)
    if ((positions.get(conversation) ?? 0) < upTo) positions.set(conversation, upTo)
  }

  received(user: UserId, device: DeviceId, conversation: ConversationId): number {
    return this.#of.get(user)?.get(device)?.get(conversation) ?? 0
  }

  of(user: UserId) {
    return Array.from(
      this.#of.get(user) ?? [],
      ([device, positions]) => Array.from(positions, ([conversation, received]) => ({ device, conversation, received }))
    ).flat().toSorted(byDevice)
  }

  erase(user: UserId): void {
    this.#of.delete(user)
  }

  #makeRoom(devices: Map<DeviceId, Positions>): void {
    if (this.#max === 0 || devices.size <= this.#max) return
    const forgettable = Array.from(devices.keys()).filter(isForgettable)
    for (const device of forgettable.slice(0, Math.max(0, forgettable.length - this.#max))) devices.delete(device)
  }
}
