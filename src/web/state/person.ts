/** How somebody is shown, as far as the page was told. */

/** Without anything where it is known that they have no profile. */
export interface Person {
  readonly name?: string
  /** Where their picture is. */
  readonly picture?: string
  readonly status?: string
  /** Nobody has ever seen them here, as far as the server tells. */
  readonly unseen?: true
  /** As this browser last showed them: nobody has said yet that it is still so. */
  readonly recalled?: true
}

export type People = Readonly<Record<string, Person>>
