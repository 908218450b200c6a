import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type IntervalChart, intervalChart } from './interval-chart.js';

function picture(overrides: Partial<IntervalChart>): string {
  return intervalChart({
    id: 'intervals',
    title: 'Numbers',
    xTitle: 'value',
    yTitle: 'row',
    format: String,
    rows: [{ label: 'one', value: 2, low: 1, high: 3 }],
    ...overrides,
  }).markup;
}

test('a number that nothing bounds from above has an arrow and is described as at least', () => {
  const open = picture({ rows: [{ label: 'one', value: 2, low: 2, high: null }] });
  assert.match(open, /class="whisker" d="M[\d.]+ [\d.]+H404m-5 -4l5 4l-5 4"/);
  assert.match(open, /one: at least 2\./);
  assert.match(picture({}), /one: 2, 1 to 3\./);
});

test('the axis reaches what is drawn and what it is compared with', () => {
  const wide = picture({ references: [{ at: 9, label: 'claimed' }] });
  const [, at] = /class="chance" d="M([\d.]+) /.exec(wide) ?? [];
  assert.equal(Number(at), 404);
  assert.match(wide, />claimed</);
});

test('labels of references that lie close together stand over one another, those far apart side by side', () => {
  const linesOf = (ats: readonly number[]) => {
    const rows = [{ label: 'one', value: 0, low: 0, high: 10 }];
    const references = ats.map((at) => ({ at, label: 'all the records' }));
    const notes = [...picture({ rows, references }).matchAll(/class="note" x="([\d.]+)" y="([\d.]+)"/g)];
    return notes.map(([, , y]) => Number(y));
  };
  const [first, second] = linesOf([4, 5]);
  assert.ok(first - second >= 12, `${first} and ${second}`);
  assert.equal(new Set(linesOf([0, 10])).size, 1);
  const [, title] =
    /class="axis-title" x="0" y="(\d+)">row</.exec(picture({ references: [{ at: 2, label: 'x' }] })) ?? [];
  assert.ok(Number(title) <= Math.min(...linesOf([4, 5])) - 12, 'the title is over all of them');
});

test('every row has a line of its own, however many there are', () => {
  const rows = Array.from({ length: 40 }, (_, i) => ({ label: `row ${i}`, value: i, low: i - 1, high: i + 1 }));
  const heights = [...picture({ rows }).matchAll(/<circle[^>]* cy="([\d.]+)"/g)].map((match) => Number(match[1]));
  assert.equal(new Set(heights).size, 40);
  const [, height] = /viewBox="0 0 420 (\d+)"/.exec(picture({ rows })) ?? [];
  assert.ok(Math.max(...heights) < Number(height) - 42);
});

test('a label too long for the picture is shortened in it and whole in its description', () => {
  const label = 'an attack with a name of very many words';
  const long = picture({ rows: [{ label, value: 1, low: 0, high: 2 }] });
  assert.equal(long.split(label).length - 1, 1);
  assert.match(long, />an attack with a name of very…</);
});
