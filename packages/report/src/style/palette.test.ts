import assert from 'node:assert/strict';
import { test } from 'node:test';
import { palette, type Theme } from './palette.js';

/** Relative luminance as WCAG 2.2 defines it. */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

for (const theme of Object.keys(palette) as Theme[]) {
  const colours = palette[theme];

  test(`text reaches a contrast of 4.5 on every ground it stands on (${theme})`, () => {
    const grounds = [
      colours.paper,
      colours.raised,
      colours['alarm-tint'],
      colours['good-tint'],
      colours['doubt-tint'],
      colours['void-tint'],
    ];
    for (const text of [colours.ink, colours.soft, colours.accent])
      for (const ground of grounds) assert.ok(contrast(text, ground) >= 4.5, `${text} on ${ground}`);
    for (const tone of ['alarm', 'good', 'doubt', 'void'] as const)
      for (const ground of [colours.paper, colours[`${tone}-tint`]])
        assert.ok(contrast(colours[tone], ground) >= 4.5, `${tone} on ${ground}`);
  });

  test(`tokens stay legible in every shade of a heat strip (${theme})`, () => {
    const pairs = [
      [colours.ink, colours['heat-1']],
      [colours.ink, colours['heat-2']],
      [colours['heat-3-ink'], colours['heat-3']],
      [colours['heat-4-ink'], colours['heat-4']],
      [colours['heat-5-ink'], colours['heat-5']],
    ] as const;
    for (const [ink, ground] of pairs) assert.ok(contrast(ink, ground) >= 4.5, `${ink} on ${ground}`);
  });

  test(`shades of a heat strip go one way in lightness (${theme})`, () => {
    const steps = ([1, 2, 3, 4, 5] as const).map((i) => luminance(colours[`heat-${i}`]));
    const ordered = [...steps].sort((a, b) => (theme === 'light' ? b - a : a - b));
    assert.deepEqual(steps, ordered);
  });

  test(`lines and marks reach a contrast of 3 on the page (${theme})`, () => {
    for (const [name, colour] of Object.entries(colours))
      if (/^s-\d$|member$/.test(name)) assert.ok(contrast(colour, colours.paper) >= 3, name);
  });
}
