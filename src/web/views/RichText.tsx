/** User text as text: nothing in it is ever read as HTML, and only http and https addresses become links. */
import { type Piece, piecesOf } from "../text/links.ts"

const PieceView = ({ piece }: { readonly piece: Piece }) => {
  switch (piece.kind) {
    case "text":
      return <>{piece.text}</>
    case "link":
      return <a href={piece.href} target="_blank" rel="noopener noreferrer nofollow">{piece.text}</a>
    case "code":
      return <code>{piece.text}</code>
    case "block":
      return (
        <pre tabIndex={0} role="region" aria-label="Code">
          <code>{piece.text}</code>
        </pre>
      )
  }
}

export const RichText = ({ text }: { readonly text: string }) => (
  <>{piecesOf(text).map((piece, index) => <PieceView key={index} piece={piece} />)}</>
)
