/** Until when a connection may go on, and by which token. */
export class Validity {
  #expiresAt: number
  #tokenId: string | undefined
  #warnedOf = Number.NaN

  constructor(expiresAt: number | undefined, tokenId: string | undefined) {
    this.#expiresAt = expiresAt ?? Number.POSITIVE_INFINITY
    this.#tokenId = tokenId
  }

  /** In milliseconds since the epoch; `Infinity` when it does not end. */
  get expiresAt(): number {
    return this.#expiresAt
  }

  /** Names the token, for a ban of it. */
  get tokenId(): string | undefined {
    return this.#tokenId
  }

  /** A newer token goes on from here. */
  renew(expiresAt: number, tokenId: string | undefined): void {
    this.#expiresAt = expiresAt
    this.#tokenId = tokenId
  }

  /** Whether its end was not told of yet; from here on it was. */
  warn(): boolean {
    const isNew = this.#warnedOf !== this.#expiresAt
    this.#warnedOf = this.#expiresAt
    return isNew
  }
}
