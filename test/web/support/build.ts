/** Once before all tests: the page as its sources are now. Files of tests run side by side and only read it. */
import { execFileSync } from "node:child_process"

export default (): void => {
  const root = new URL("../../../", import.meta.url).pathname
  execFileSync(process.execPath, ["scripts/build-web.ts", "--if-stale"], { cwd: root, stdio: "inherit" })
}
