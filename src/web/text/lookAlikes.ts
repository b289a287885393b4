/** Names that look the same have the same skeleton, whatever letters they are made of. */

/** Letters of other scripts, and digits, which are drawn like a Latin letter. */
const drawnAlike: Readonly<Record<string, string>> = Object.fromEntries([
  ["аαа", "a"],
  ["вβ", "b"],
  ["сϲ", "c"],
  ["ԁ", "d"],
  ["еε", "e"],
  ["һη", "h"],
  ["іι1|ןӏ", "l"],
  ["ј", "j"],
  ["кκ", "k"],
  ["мμ", "m"],
  ["п", "n"],
  ["оοօ0", "o"],
  ["рρ", "p"],
  ["ԛ", "q"],
  ["ѕ", "s"],
  ["тτ", "t"],
  ["υս", "u"],
  ["ν", "v"],
  ["ѡω", "w"],
  ["хχ", "x"],
  ["уγ", "y"],
  ["i", "l"]
].flatMap(([letters, as]) => Array.from(letters!, (letter) => [letter, as!])))

/** For comparing, never for showing. */
export const skeletonOf = (name: string): string =>
  Array.from(
    name.normalize("NFKD").replaceAll(/[\p{M}\p{Default_Ignorable_Code_Point}\p{Cc}]/gu, "").toLowerCase(),
    (letter) => drawnAlike[letter] ?? letter
  ).join("").replaceAll(/\s+/g, " ").trim()
