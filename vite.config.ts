/** Builds the page (src/web) into dist/web, from where the server serves it. */
import { defineConfig, type Plugin } from "vite"

/** What the page reads of the names of all emoji, which is a third of what the library has. */
const emojiNames: Plugin = {
  name: "emoji-names",
  enforce: "pre",
  transform: {
    filter: { id: /emojibase-data\/\w+\/compact\.json$/ },
    handler: (json) =>
      // What was read of a file of the library is as its types say.
      JSON.stringify((JSON.parse(json) as ReadonlyArray<Record<string, unknown>>).map(
        ({ group, label, tags, unicode }) => ({ unicode, label, tags, group })
      ))
  }
}

export default defineConfig({
  root: new URL("src/web", import.meta.url).pathname,
  // From wherever the page is, which the server decides.
  base: "./",
  plugins: [emojiNames],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../../dist/web",
    emptyOutDir: true,
    target: "es2024",
    // What these know stays as it is written, `:dir()` above all.
    cssTarget: ["chrome120", "firefox121", "safari17"],
    license: { fileName: "licences.md" },
    // The Content-Security-Policy has no place for inlined files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false }
  }
})
