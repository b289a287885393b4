/** A file on its way to the server: in the tray of a conversation, or with a message that waits for it. */

export type Progress =
  | { readonly _tag: "Waiting" }
  /** So many bytes of it have gone. */
  | { readonly _tag: "Going"; readonly sent: number }
  /** The server has it, under this name. */
  | { readonly _tag: "There"; readonly file: string }
  | { readonly _tag: "Failed"; readonly reason: string }

/** How a picture or a film looks, as far as this browser could tell: its size, and a tiny picture of it in base64. */
export interface Look {
  readonly width?: number
  readonly height?: number
  readonly preview?: string
}

export interface Upload {
  readonly id: string
  readonly conversation: string
  readonly name: string
  readonly type: string
  readonly size: number
  readonly progress: Progress
  readonly look?: Look
  /** Where this browser has the picture itself. */
  readonly shown?: string
  /** It was cut off, and has begun again. */
  readonly again?: true
  /** It is there and no message can have it yet: the server is looking into it. */
  readonly held?: true
  /** The message that waits for it; without one it is in the tray. */
  readonly message?: string
}
