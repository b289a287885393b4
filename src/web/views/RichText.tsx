/** User text as text: nothing in it is ever read as HTML, and only http and https addresses become links. */
import { piecesOf } from "../text/links.ts"

export const RichText = ({ text }: { readonly text: string }) => (
  <>
    {piecesOf(text).map((piece, index) =>
      piece.kind === "text" ?
        piece.text :
        <a key={index} href={piece.href} target="_blank" rel="noopener noreferrer nofollow">{piece.text}</a>
    )}
  </>
)
