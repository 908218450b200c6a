import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notMeasured } from '@engram/domain';
import { memorizationReport } from '../fixtures/memorization.js';
import { attributesOf, textOf } from '../fixtures/page-reading.js';
import { memorizationSection } from './memorization.js';

type Overrides = Partial<ReturnType<typeof memorizationReport>>;

const page = (overrides: Overrides = {}) => memorizationSection({ ...memorizationReport(), ...overrides }).markup;
const picture = (id: string, markup = page()) =>
  new RegExp(`aria-labelledby="${id}-title([\\s\\S]*?)</svg>`).exec(markup)?.[1] ?? '';

test('the share of memorised members stands beside what chance alone gives', () => {
  assert.match(
    textOf(page()),
    /4\.1% \(3\.0% to 5\.5%\) of the 1,000 members are memorised, at a false discovery rate of 5%\. Turned round, where nothing can be found, it is 0% \(0% to 0\.38%\)/,
  );
});

test('members that do not stand at the false discovery rate are drawn hollow', () => {
  const { top, falseDiscoveryRate } = memorizationReport();
  const uncertain = top.filter(({ qValue }) => qValue > falseDiscoveryRate).length;
  assert.ok(uncertain > 0);
  assert.equal(picture('memorized').split('class="hollow"').length - 1, uncertain);
});

test('pairs stand beside as many as chance alone gives', () => {
  assert.match(textOf(page()), /48 pairs show an influence of 0\.15 or more; as far below zero, by chance alone, 9\./);
});

test('the onion draws the arm without the exposed filled and the random arm hollow', () => {
  const drawn = picture('onion');
  assert.equal(drawn.split('class="dot"').length - 1, 2);
  assert.equal(drawn.split('class="hollow"').length - 1, 2);
});

test('correlations have a picture for each score compared with others, and none when nothing was measured', () => {
  assert.deepEqual(
    attributesOf(page(), 'id').filter((id) => /^correlations-\d-title$/.test(id)),
    ['correlations-0-title', 'correlations-1-title'],
  );
  const unmeasured = notMeasured('ENG_INSUFFICIENT_SAMPLES', 'three members');
  const correlations = memorizationReport().correlations.map((one) => ({ ...one, measured: unmeasured }));
  const markup = page({ correlations });
  assert.equal(picture('correlations-0', markup), '');
  assert.match(textOf(markup), /memorization, vulnerability.*not measured three members/);
});

test('that removed records are needed is said with what it rests on, and with the condition that fails', () => {
  const text = textOf(page());
  assert.match(text, /is not said\. 2 of 1000 non-members are near-duplicates of a member/);
  assert.match(
    text,
    /−0\.9 points \(−1\.7 to −0\.1\) over 5 seeds each, −0\.9 points \(−1\.6 to −0\.2\) with the interval over non-members/,
  );
  assert.match(text, /✓ Every retrained model gets at least 99\.6 %/);
  // A report of an earlier version has cautions alone.
  const onion = memorizationReport().onion!;
  const { necessity: _necessity, testAccuracyOverSamples: _over, ...utility } = onion.utility;
  const earlier = textOf(page({ onion: { ...onion, utility } }));
  assert.match(earlier, /⚠ 2 of 1000 non-members/);
  assert.doesNotMatch(earlier, /needed for accuracy\?/);
});

test('the C-score stands beside the accuracy at each size, and consistency is said to be of one', () => {
  const text = textOf(page());
  assert.match(
    text,
    /averaged over 4 sizes of the training set\. Its mean is 86\.2% \(84\.7% to 87\.7%\)\. 3 of the records have none/,
  );
  assert.match(text, /200 10% of all/);
  assert.match(text, /64 of the bank/);
  assert.match(text, /trained on 1,000 records without a certain one .* \(consistency, at this one size\)/);
  assert.equal(picture('c-score').split('class="dot"').length - 1, 4);
  const { cScore: _cScore, ...oneSize } = memorizationReport().typicality;
  assert.doesNotMatch(textOf(page({ typicality: oneSize })), /C-score/);
});

test('influence, the onion and correlations leave nothing when they are absent', () => {
  const text = textOf(page({ influence: null, onion: null, correlations: [], top: [] }));
  assert.doesNotMatch(text, /What hangs on|Does deleting|Do different scores|most memorised records/);
});
