import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from '@engram/contract';
import { fullReport } from '../fixtures/full-report.js';
import { textOf } from '../fixtures/page-reading.js';
import { findingsSection } from './findings.js';

const findings = (count: number): Finding[] =>
  Array.from({ length: count }, (_, i) => ({ ...fullReport().findings[0], id: `finding.${i}` }));
const pageOf = (count: number) => findingsSection({ ...fullReport(), findings: findings(count) })!.markup;

test('a dozen findings are in sight, those after them behind a disclosure, none lost', () => {
  const page = pageOf(15);
  assert.match(textOf(page), /3 more findings/);
  const [inSight, folded] = page.split('<details');
  assert.equal(inSight.split('<code class="how">').length - 1, 12);
  assert.equal(folded.split('<code class="how">').length - 1, 3);
  assert.match(textOf(pageOf(13)), /1 more finding(?!s)/);
  assert.doesNotMatch(pageOf(12), /more finding/);
});

test('without findings there is no such section', () => {
  assert.equal(findingsSection({ ...fullReport(), findings: [] }), null);
});
