/** Web addresses in texts. */

const address = /https?:\/\/[^\s<>"“”]/iu

export const hasLink = (text: string): boolean => address.test(text)
