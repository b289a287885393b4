/** Code by itself, with colours once they are known, and a button that copies it. */
import { useEffect, useRef, useState } from "preact/hooks"
import { highlight, type Piece } from "../text/highlight/index.ts"
import { words } from "../words/index.ts"
import { IconButton } from "./IconButton.tsx"

interface Props {
  readonly text: string
  readonly language: string | undefined
}

const copiedMillis = 2_000

/** Asked for when the code comes into view, and not for what nobody sees. */
const useColours = ({ language, text }: Props) => {
  const element = useRef<HTMLPreElement>(null)
  const [pieces, setPieces] = useState<{ readonly of: string; readonly pieces: ReadonlyArray<Piece> }>()
  useEffect(() => {
    if (language === undefined) return
    let wanted = true
    const observer = new IntersectionObserver((entries) => {
      if (!entries.at(-1)!.isIntersecting) return
      observer.disconnect()
      highlight(text, language.toLowerCase()).then((found) => {
        if (wanted && found !== undefined) setPieces({ of: text, pieces: found })
      }, () => {})
    }, { rootMargin: "400px" })
    observer.observe(element.current!)
    return () => {
      wanted = false
      observer.disconnect()
    }
  }, [text, language])
  return { element, pieces: pieces?.of === text ? pieces.pieces : undefined }
}

const Copy = ({ text }: { readonly text: string }) => {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), copiedMillis)
    return () => clearTimeout(timer)
  }, [copied])
  return (
    <>
      <IconButton
        class="copy"
        icon={copied ? "check" : "copy"}
        label={words.message.copyCode}
        onClick={() => void navigator.clipboard?.writeText(text).then(() => setCopied(true), () => {})}
      />
      <span class="heard" role="status">{copied ? words.message.copied : ""}</span>
    </>
  )
}

export const CodeBlock = (props: Props) => {
  const { language, text } = props
  const { element, pieces } = useColours(props)
  return (
    <div class="code">
      <pre
        ref={element}
        tabIndex={0}
        role="region"
        aria-label={language === undefined ? words.message.code : words.message.codeIn(language)}
      >
        <code>
          {pieces === undefined ? text : pieces.map(({ kind, text }, index) =>
            kind === undefined ? text : <span key={index} class={`hl-${kind}`}>{text}</span>
          )}
        </code>
      </pre>
      <Copy text={text} />
    </div>
  )
}
