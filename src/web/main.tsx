/** Starts the page. */
import { render } from "preact"
import { speakFirst } from "./app/language.ts"
import { worker } from "./app/notify/worker.ts"
import { loadFormat } from "./text/format/index.ts"
import { App } from "./views/App.tsx"

void loadFormat()
await speakFirst()
render(<App />, document.getElementById("app")!)
worker.start()
