/** The page's own line icons. They say nothing to screen readers; the buttons around them have labels. */
const paths = {
  back: "M15 5l-7 7 7 7",
  send: "M5 12h13M12 5l7 7-7 7",
  close: "M6 6l12 12M18 6L6 18",
  reply: "M9 7L4 12l5 5M4 12h9a7 7 0 0 1 7 7",
  edit: "M4 20l1-5L16 4l4 4L9 19l-5 1zM14 6l4 4",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  smile: "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M8.5 14.5a4.5 4.5 0 0 0 7 0M9 9.5v.5M15 9.5v.5",
  group:
    "M9 5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7M2.5 19.5a6.5 6.5 0 0 1 13 0M15.5 5.3a3.5 3.5 0 0 1 0 6.4M18 14a6.5 6.5 0 0 1 3.5 5.5",
  plus: "M12 5v14M5 12h14",
  info: "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M12 11v6M12 7.5v.5",
  leave: "M10 4H5v16h5M14 8l4 4-4 4M18 12H9",
  down: "M12 5v14M5 12l7 7 7-7",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13M15.5 15.5L20 20",
  clock: "M12 4a8 8 0 1 0 0 16a8 8 0 1 0 0-16M12 8v4.5l3 1.5",
  alert: "M12 4a8 8 0 1 0 0 16a8 8 0 1 0 0-16M12 8v5M12 16v.5",
  check: "M5 12.5l4.5 4.5L19 7.5",
  clip: "M20 11.5l-8.2 8.2a5.2 5.2 0 0 1-7.4-7.4l8.6-8.6a3.5 3.5 0 0 1 5 5l-8.5 8.5a1.75 1.75 0 0 1-2.5-2.5l7.8-7.8",
  again: "M19.5 12a7.5 7.5 0 1 1-2.2-5.3L20 9.4M20 4.5v4.9h-4.9",
  download: "M12 4v11M7 10.5l5 5l5-5M5 20h14",
  goTo: "M14 5h5v5M19 5l-8 8M17 14v5H5V7h5",
  left: "M15 5l-7 7 7 7",
  right: "M9 5l7 7-7 7",
  files: "M4 7a2 2 0 0 1 2-2h3.5l2 2.5H18a2 2 0 0 1 2 2V17a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2z",
  file: "M7 3h7l5 5v13H7zM14 3v5h5",
  document: "M7 3h7l5 5v13H7zM14 3v5h5M10 12.5h6M10 16.5h6",
  sheet: "M7 3h7l5 5v13H7zM14 3v5h5M10 12h6v6h-6zM13 12v6M10 15h6",
  archive: "M7 3h7l5 5v13H7zM14 3v5h5M11 3v2M11 7.5v2M11 12v2M10 16.5h2v2h-2z",
  code: "M7 3h7l5 5v13H7zM14 3v5h5M12 12l-2.2 2.5L12 17M14.5 12l2.2 2.5L14.5 17",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  image: "M4 5h16v14H4zM8.5 8.2a1.6 1.6 0 1 0 0 3.2a1.6 1.6 0 1 0 0-3.2M4.5 17l5-4.5l3 2.5l4-4l3.5 3.5",
  sound: "M9 17.5V6l10-2v11.5M9 17.5a2.5 2.5 0 1 1-5 0a2.5 2.5 0 1 1 5 0M19 15.5a2.5 2.5 0 1 1-5 0a2.5 2.5 0 1 1 5 0",
  film: "M4 5h16v14H4zM8 5v14M16 5v14M4 9.7h4M4 14.3h4M16 9.7h4M16 14.3h4",
  bell: "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 20.5h4",
  eye: "M3 12c2.5-4 5.5-6 9-6s6.5 2 9 6c-2.5 4-5.5 6-9 6s-6.5-2-9-6M12 9.5a2.5 2.5 0 1 0 0 5a2.5 2.5 0 1 0 0-5",
  mute: "M6 17V11a6 6 0 0 1 9-5.2M18 11v6M4.5 17h15M10 20h4M4 4l16 16",
  more: "M5.5 12v.5M12 12v.5M18.5 12v.5",
  box: "M4 5h16v4H4zM5.5 9v10h13V9M10 13h4",
  flag: "M6 21V4M6 5h11l-2.5 4L17 13H6",
  link: "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7l-1 1M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7l1-1",
  checks: "M2.5 12.5L7 17l9.5-9.5M11 16l1 1 9.5-9.5"
} as const

export type IconName = keyof typeof paths

export const Icon = ({ name }: { readonly name: IconName }) => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d={paths[name]} />
  </svg>
)
