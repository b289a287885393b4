/** Builds the page (src/web) into dist/web, from where the server serves it. */
import { defineConfig } from "vite"

export default defineConfig({
  root: new URL("src/web", import.meta.url).pathname,
  // From wherever the page is, which the server decides.
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../../dist/web",
    emptyOutDir: true,
    target: "es2024",
    // What these know stays as it is written, `:dir()` above all.
    cssTarget: ["chrome120", "firefox121", "safari17"],
    // The Content-Security-Policy has no place for inlined files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false }
  }
})
