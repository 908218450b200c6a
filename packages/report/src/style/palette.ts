/**
 * Colours of the page by name, for light and for dark. Text colours reach a contrast of 4.5 with what they stand on, lines
 * and marks 3; the series are told apart under the common colour blindnesses, and never by colour alone.
 */
export const palette = {
  light: {
    paper: '#ffffff',
    raised: '#f6f7f9',
    ink: '#171b21',
    soft: '#545d69',
    line: '#dde1e7',
    grid: '#e9ecf0',
    accent: '#0a58a6',
    alarm: '#b01e1e',
    'alarm-tint': '#fdf1f0',
    good: '#14683b',
    'good-tint': '#eff8f2',
    doubt: '#8a5200',
    'doubt-tint': '#fdf6e9',
    void: '#5d3aa3',
    'void-tint': '#f5f1fc',
    member: '#c4500b',
    'non-member': '#0a66ab',
    's-0': '#0a66ab',
    's-1': '#c4500b',
    's-2': '#00755a',
    's-3': '#9c3587',
    's-4': '#806300',
    's-5': '#4d5663',
    's-6': '#7b3f1d',
    's-7': '#4b4fc0',
    'heat-1': '#fff1d6',
    'heat-2': '#fedba0',
    'heat-3': '#fcb362',
    'heat-4': '#ee7f33',
    'heat-5': '#9e3303',
    'heat-3-ink': '#171b21',
    'heat-4-ink': '#171b21',
    'heat-5-ink': '#ffffff',
  },
  dark: {
    paper: '#111418',
    raised: '#191d23',
    ink: '#e8ebef',
    soft: '#a4adb9',
    line: '#303741',
    grid: '#242a32',
    accent: '#7ab8f5',
    alarm: '#ff8e84',
    'alarm-tint': '#2a1817',
    good: '#6fd39b',
    'good-tint': '#14231b',
    doubt: '#f0b75a',
    'doubt-tint': '#272013',
    void: '#bda3f7',
    'void-tint': '#201a2e',
    member: '#f58c4b',
    'non-member': '#64b5f0',
    's-0': '#64b5f0',
    's-1': '#f58c4b',
    's-2': '#43c9a0',
    's-3': '#e391d3',
    's-4': '#dcbc49',
    's-5': '#b3bcc8',
    's-6': '#d8a381',
    's-7': '#a3a7fa',
    'heat-1': '#2b2115',
    'heat-2': '#4a3015',
    'heat-3': '#744313',
    'heat-4': '#c9761f',
    'heat-5': '#ffc266',
    'heat-3-ink': '#faf1e4',
    'heat-4-ink': '#111418',
    'heat-5-ink': '#111418',
  },
} as const;

export type Theme = keyof typeof palette;

/** The colours of a theme as CSS variables. */
export function variables(theme: Theme): string {
  return Object.entries(palette[theme])
    .map(([name, colour]) => `--${name}:${colour};`)
    .join('');
}
