/** Which addresses are the world's. */
import { assert, describe, it } from "@effect/vitest"
import { isPublic } from "../../../src/services/kernel/addresses.ts"

describe("addresses", () => {
  it("P9 nothing of a machine, of a network inside, or of what carries such an address is public", () => {
    const inside = `
      0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.9.9.9 169.254.169.254 172.16.0.1 172.31.255.255
      192.0.0.1 192.0.2.1 192.168.1.1 198.18.0.1 203.0.113.9 224.0.0.1 240.0.0.1 255.255.255.255
      :: ::1 ::ffff:8.8.8.8 ::ffff:127.0.0.1 ::127.0.0.1 64:ff9b::808:808 64:ff9b:1::1 fc00::1
      fd12:3456::1 fe80::1 fec0::1 ff02::1 2001::1 2001:db8::1 2002:7f00:1::1 3fff::1 100::1
      localhost 8.8.8
    `.trim().split(/\s+/)
    for (const address of ["", ...inside]) assert.isFalse(isPublic(address), address)
    for (
      const address of ["8.8.8.8", "172.32.0.1", "100.128.0.1", "192.169.0.1", "2a00:1450:4001::1", "2606:4700::1"]
    ) {
      assert.isTrue(isPublic(address), address)
    }
  })
})
