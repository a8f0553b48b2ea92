// Drawn on a grid of 24 with lines of 2.
const shapes = {
  alert: 'M12 3 2.5 20h19L12 3Zm0 7v4m0 3v.01',
  archive: 'M4 4h16v4H4Zm1 4v12h14V8M10 12h4',
  back: 'M15 5 8 12l7 7',
  check: 'm5 12.5 5 5L19.5 7',
  close: 'M6 6l12 12M18 6 6 18',
  copy: 'M9 9h11v11H9ZM5 15H4V4h11v1',
  cross: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm-3.5 5.5 7 7m0-7-7 7',
  database: 'M4 6c0-4 16-4 16 0v12c0 4-16 4-16 0ZM4 6c0 4 16 4 16 0M4 12c0 4 16 4 16 0',
  download: 'M12 4v11m-5-5 5 5 5-5M4 20h16',
  file: 'M6 3h8l5 5v13H6ZM14 3v5h5',
  forward: 'm9 5 7 7-7 7',
  gauge: 'M4 18a9 9 0 1 1 16 0M12 14l4-5',
  key: 'M15 4a5 5 0 1 1-4.6 7L4 17.5V20h3.5v-2.5H10V15l1.7-1.7M16 8v.01',
  link: 'M10 14a4 4 0 0 0 6 0l4-4a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-4 4a4 4 0 0 0 6 6l1-1',
  list: 'M8 6h12M8 12h12M8 18h12M4 6v.01M4 12v.01M4 18v.01',
  minus: 'M6 12h12',
  pause: 'M8 5v14M16 5v14',
  people: 'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 20c0-8 13-8 13 0M16 4.5a3.5 3.5 0 0 1 0 6M18.5 14c2 1 3 3 3 6',
  play: 'M7 4.5v15L20 12Z',
  plus: 'M12 5v14M5 12h14',
  refresh: 'M20 11a8 8 0 0 0-14.5-3.5L4 9m0-5v5h5M4 13a8 8 0 0 0 14.5 3.5L20 15m0 5v-5h-5',
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Zm5 11.5L21 21',
  shield: 'M12 3 4.5 6v6c0 4.5 3 7.5 7.5 9 4.5-1.5 7.5-4.5 7.5-9V6ZM8.5 12l2.5 2.5 4.5-5',
  shieldAlert: 'M12 3 4.5 6v6c0 4.5 3 7.5 7.5 9 4.5-1.5 7.5-4.5 7.5-9V6ZM12 8v5m0 3v.01',
  signOut: 'M10 4H4v16h6M15 8l4 4-4 4M19 12H9',
  theme: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm0 0v18m3-17v16m3-13v10',
  upload: 'M12 16V5m-5 5 5-5 5 5M4 20h16',
} as const;

export type IconName = keyof typeof shapes;

/** A picture that accompanies words and says nothing of its own. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={shapes[name]} />
    </svg>
  );
}
