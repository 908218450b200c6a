import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Finding, Report, severities } from '@engram/contract';
import type { Verdict } from '@engram/domain';
import { interval } from '../testing/made-results.js';
import { overallVerdict, summarize } from './conclude.js';

type Sections = Pick<Report, 'membership' | 'extraction' | 'unlearningDifficulty'>;

function sections(membership: Verdict | null, extraction: Verdict | null): Sections {
  const say = (name: string, verdict: Verdict | null) =>
    verdict === null ? null : { verdict, statement: `${name} is ${verdict}.` };
  return {
    membership: say('membership', membership),
    extraction: say('extraction', extraction),
    unlearningDifficulty: null,
  } as unknown as Sections;
}

const finding = (severity: (typeof severities)[number]): Finding => ({
  id: 'membership.lira.auc',
  severity,
  statement: 'found',
  measured: interval(0.6, 0.55, 0.65),
  control: interval(0.5, 0.45, 0.55),
});
const summary = (parts: Sections, ...findings: Finding[]) =>
  summarize(overallVerdict(parts), parts, findings).join(' ');

describe('the verdict over all tests', () => {
  it('lets valid evidence of a leak stand, then a failed gate, then doubt, then silence', () => {
    const table: readonly [Verdict | null, Verdict | null, Verdict][] = [
      ['leak', 'invalid', 'leak'],
      ['invalid', 'leak', 'leak'],
      ['invalid', 'noLeakFound', 'invalid'],
      ['noLeakFound', 'inconclusive', 'inconclusive'],
      ['noLeakFound', 'noLeakFound', 'noLeakFound'],
      ['noLeakFound', null, 'noLeakFound'],
      [null, null, 'inconclusive'],
    ];
    for (const [membership, extraction, expected] of table)
      assert.equal(overallVerdict(sections(membership, extraction)), expected);
  });
});

describe('the summary', () => {
  it('advises on each test by its own verdict, so that none contradicts another', () => {
    const text = summary(sections('invalid', 'leak'));
    assert.match(text, /membership is invalid\. extraction is leak\./);
    assert.match(text, /training texts concerned as recoverable/);
    assert.match(text, /For membership, give members and non-members from the same source/);
    assert.doesNotMatch(text, /whether they were trained on/);
  });

  it('does not call records recoverable because their membership shows', () => {
    const text = summary(sections('leak', null), finding('high'));
    assert.match(text, /can tell for part of the records whether they were trained on/);
    assert.doesNotMatch(text, /recoverable/);
  });

  it('calls a small difference small', () => {
    assert.match(summary(sections('leak', null), finding('low')), /The difference is small/);
  });

  it('does not take silence for proof', () => {
    assert.match(summary(sections('noLeakFound', null)), /not a proof/);
    assert.doesNotMatch(summary(sections('noLeakFound', 'inconclusive')), /not a proof/);
  });
});
