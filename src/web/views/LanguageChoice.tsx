/** In which language the page speaks, each called as it calls itself. */
import { useEffect, useState } from "preact/hooks"
import { chooseLanguage, languages, nameOf, onLanguage } from "../app/language.ts"
import { words } from "../words/index.ts"

/** Draws again with other words. */
export const useLanguage = (): string => {
  const [, draw] = useState(words)
  useEffect(() => onLanguage(() => draw(words)), [])
  return words.locale
}

export const LanguageChoice = () => (
  <label class="language">
    {words.page.languageLabel}
    <select value={words.locale} onChange={(event) => void chooseLanguage(event.currentTarget.value)}>
      {languages.map((each) => (
        <option key={each} value={each} lang={each} selected={each === words.locale}>{nameOf(each)}</option>
      ))}
    </select>
  </label>
)
