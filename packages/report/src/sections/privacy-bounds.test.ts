import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributesOf, textOf } from '../fixtures/page-reading.js';
import { privacyBoundsReport } from '../fixtures/privacy-bounds.js';
import { privacyBoundsSection } from './privacy-bounds.js';

test('a low bound is never called evidence of privacy, whatever the verdict', () => {
  for (const verdict of ['leak', 'noLeakFound', 'inconclusive', 'invalid'] as const)
    assert.match(
      textOf(privacyBoundsSection({ ...privacyBoundsReport(), verdict }).markup),
      /A low bound is never evidence of privacy/,
    );
});

test('bounds have an arrow and a filled mark, what is no bound a hollow one and no arrow', () => {
  const page = privacyBoundsSection(privacyBoundsReport()).markup;
  const [, picture] = /aria-labelledby="epsilon-title([\s\S]*?)<\/svg>/.exec(page) ?? [];
  assert.equal(picture.split('l5 4l-5 4"').length - 1, 3);
  assert.equal(picture.split('class="dot"').length - 1, 3);
  assert.equal(picture.split('class="hollow"').length - 1, 1);
  assert.match(picture, />claimed</);
});

test('without a claim the picture has no line for it', () => {
  const page = privacyBoundsSection({ ...privacyBoundsReport(), claimedEpsilon: null }).markup;
  assert.doesNotMatch(page, />claimed</);
  assert.match(textOf(page), /No epsilon was claimed for this training/);
});

test('ceilings are told of lower bounds alone', () => {
  const text = textOf(privacyBoundsSection(privacyBoundsReport()).markup);
  const [, table] = /The lowest caps any honest promise could still give([\s\S]*)Limits/.exec(text) ?? [];
  assert.match(table, /One run epsilon at least 1\.32/);
  assert.doesNotMatch(table, /Score separation|Log ratio/);
});

test('a report in which nothing could be bounded leaves no empty picture', () => {
  const page = privacyBoundsSection({ ...privacyBoundsReport(), bounds: [], gates: [] }).markup;
  assert.ok(!attributesOf(page, 'id').includes('epsilon-title'));
});

test('where a control failed nothing is said to be ruled out', () => {
  const text = textOf(privacyBoundsSection({ ...privacyBoundsReport(), verdict: 'invalid' }).markup);
  assert.match(text, /Do not read the numbers below as bounds/);
  assert.doesNotMatch(text, /What can no longer be promised/);
});
