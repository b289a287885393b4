/** Starts the page. */
import { render } from "preact"

render(<h1>Switchboard</h1>, document.getElementById("app")!)
