import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notMeasured } from '@engram/domain';
import { membershipReport } from '../fixtures/membership.js';
import { textOf } from '../fixtures/page-reading.js';
import { render } from '../markup/html.js';
import { tracedMembers } from './traced-members.js';

const text = (report = membershipReport()) => textOf(render(tracedMembers(report)));

test('tracing is told with its recall, its least count and what false accusation alone would trace', () => {
  assert.match(
    text(),
    /Allowed to trace 1 in 100 fresh records, it traces 17\.8% \(15\.6% to 20\.3%\) of the members, at least 157 of them by a one-sided bound, where false accusation alone would trace 10 of as many: more than ten times as many/,
  );
  assert.match(text(), /1 in 1,000 fresh records: not measured \(needs 2,995 non-members set aside, got 1,000\)/);
});

test('information is told in bits, with its interval over retrained models', () => {
  assert.match(text(), /0\.141 bits of conditional mutual information for each of 1,000 pairs\./);
  assert.match(text(), /Over 5 models retrained on the same members: 0\.138 bits \(0\.121 to 0\.155\) on average/);
});

test('without retrained models information says why it has no interval', () => {
  const { cmi, ...others } = membershipReport();
  assert.ok(cmi?.status === 'measured');
  const { overRetrained: _over, ...earlier } = cmi;
  const why = notMeasured('ENG_NOT_REQUESTED', 'ask for retrained targets');
  const without = text({ ...others, cmi: { ...earlier, overRetrained: why } });
  assert.match(without, /Over retrained models: not measured ask for retrained targets ENG_NOT_REQUESTED/);
  assert.doesNotMatch(text({ ...others, cmi: earlier }), /retrained models:/);
});

test('a report without either has no such part', () => {
  const { traceability: _traceability, cmi: _cmi, ...others } = membershipReport();
  assert.equal(text(others), '');
});
