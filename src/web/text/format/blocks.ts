/** What a text is made of once its marks have been read. */

export type Inline =
  | { readonly kind: "text"; readonly text: string }
  /** `text` is what is shown, which is what was typed unless that would mislead. */
  | { readonly kind: "link"; readonly text: string; readonly href: string }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "bold" | "italic" | "struck"; readonly parts: ReadonlyArray<Inline> }

export type Block =
  /** Lines as they were typed, empty ones too. */
  | { readonly kind: "lines"; readonly parts: ReadonlyArray<Inline> }
  | { readonly kind: "code"; readonly text: string; readonly language?: string }
  | { readonly kind: "quote"; readonly blocks: ReadonlyArray<Block> }
  /** With the number of the first where they are numbered. */
  | { readonly kind: "list"; readonly start?: number; readonly items: ReadonlyArray<ReadonlyArray<Block>> }

export const unformatted = (text: string): ReadonlyArray<Block> =>
  text === "" ? [] : [{ kind: "lines", parts: [{ kind: "text", text }] }]

const textOfParts = (parts: ReadonlyArray<Inline>): string =>
  parts.map((part) => "parts" in part ? textOfParts(part.parts) : part.text).join("")

/** The words without the marks, a line for each thing. */
export const textOf = (blocks: ReadonlyArray<Block>): string =>
  blocks.map((block) => {
    switch (block.kind) {
      case "lines":
        return textOfParts(block.parts)
      case "code":
        return block.text
      case "quote":
        return textOf(block.blocks)
      case "list":
        return block.items.map(textOf).join("\n")
    }
  }).join("\n")
