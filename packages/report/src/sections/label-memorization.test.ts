import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelMemorizationReport } from '../fixtures/label-memorization.js';
import { textOf } from '../fixtures/page-reading.js';
import { labelMemorizationSection } from './label-memorization.js';

const page = (overrides: Partial<ReturnType<typeof labelMemorizationReport>> = {}) =>
  labelMemorizationSection({ ...labelMemorizationReport(), ...overrides }).markup;

test('capacity is drawn for labels taught, random ones and records never seen, with a mark at every level measured', () => {
  const [, picture] = /aria-labelledby="label-capacity-title([\s\S]*?)<\/svg>/.exec(page()) ?? [];
  // Four levels; without random labels there is no accuracy on them.
  assert.equal(picture.split('class="marker"').length - 1, 4 + 3 + 4);
});

test('training that ran out of epochs is told as more than them', () => {
  assert.match(textOf(page()), /more than 30 epochs/);
});

test('the early-learning point and the area learned by heart are marked', () => {
  const [, picture] = /aria-labelledby="early-learning-title([\s\S]*?)<\/svg>/.exec(page()) ?? [];
  assert.match(picture, /class="learned-by-heart"/);
  assert.match(picture, /class="reached"/);
  assert.match(picture, /The early-learning point of each run: epoch 8, 7, 9\./);
  assert.match(textOf(page()), /8 epochs \(7 to 9\); run by run 8, 7, 9/);
});

test('the list for review shows the first records and folds the others', () => {
  const markup = page();
  const sight = markup.slice(markup.indexOf('Most suspect first'), markup.indexOf('12 more records'));
  assert.equal(sight.match(/<code>\d{6}<\/code>/g)?.length, 8);
  for (const { sampleId } of labelReview()) assert.ok(markup.includes(`<code>${sampleId}</code>`), sampleId);
});

test('a sample never learned has no count of forgetting events', () => {
  assert.match(textOf(page()), /Forgetting events: never learned/);
});

test('parts not asked for leave nothing', () => {
  const text = textOf(page({ randomLabels: null, noisyLabels: null, review: null, earlyLearning: null }));
  assert.doesNotMatch(text, /How much can it learn|Can wrong labels|Labels to look at|When are wrong labels/);
});

function labelReview() {
  return labelMemorizationReport().review!.listed;
}
