/**
 * What people write, with its marks. Each element is made here, of a few kinds, and every text is text: nothing is ever read
 * as HTML, so there is nothing to be cleaned.
 */
import type { ComponentChildren } from "preact"
import { type Block, formatted, type Inline } from "../text/format/index.ts"
import { CodeBlock } from "./CodeBlock.tsx"

/** Draws what is to stand out in plain text, such as names; it is asked for none that is code or part of a link. */
export type Mark = (text: string) => ComponentChildren

interface Marked {
  readonly mark?: Mark | undefined
}

const longLink = 70

const InlineView = ({ mark, part }: Marked & { readonly part: Inline }) => {
  switch (part.kind) {
    case "text":
      return <>{mark === undefined ? part.text : mark(part.text)}</>
    case "link":
      return (
        <a
          class={part.text.length > longLink ? "long" : undefined}
          href={part.href}
          title={part.text.length > longLink ? part.href : undefined}
          target="_blank"
          rel="noopener noreferrer nofollow"
        >
          {part.text}
        </a>
      )
    case "code":
      return <code>{part.text}</code>
    case "bold":
      return (
        <strong>
          <Parts parts={part.parts} mark={mark} />
        </strong>
      )
    case "italic":
      return (
        <em>
          <Parts parts={part.parts} mark={mark} />
        </em>
      )
    case "struck":
      return (
        <s>
          <Parts parts={part.parts} mark={mark} />
        </s>
      )
  }
}

const Parts = ({ mark, parts }: Marked & { readonly parts: ReadonlyArray<Inline> }) => (
  <>{parts.map((part, index) => <InlineView key={index} part={part} mark={mark} />)}</>
)

const BlockView = ({ block, mark }: Marked & { readonly block: Block }) => {
  switch (block.kind) {
    case "lines":
      return <Parts parts={block.parts} mark={mark} />
    case "code":
      return <CodeBlock text={block.text} language={block.language} />
    case "quote":
      return (
        <blockquote>
          <Blocks blocks={block.blocks} mark={mark} />
        </blockquote>
      )
    case "list": {
      const items = block.items.map((item, index) => (
        <li key={index}>
          <Blocks blocks={item} mark={mark} />
        </li>
      ))
      return block.start === undefined ? <ul>{items}</ul> : <ol start={block.start}>{items}</ol>
    }
  }
}

const Blocks = ({ blocks, mark }: Marked & { readonly blocks: ReadonlyArray<Block> }) => (
  <>{blocks.map((block, index) => <BlockView key={index} block={block} mark={mark} />)}</>
)

export const RichText = ({ mark, text }: Marked & { readonly text: string }) => (
  <Blocks blocks={formatted(text)} mark={mark} />
)
