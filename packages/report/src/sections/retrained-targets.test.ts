import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RetrainedTargetsReport } from '@engram/contract';
import { membershipReport } from '../fixtures/membership.js';
import { textOf } from '../fixtures/page-reading.js';
import { membershipSection } from './membership.js';

const report = membershipReport();
const retrained = report.retrainedTargets!;
const page = (rest: Partial<RetrainedTargetsReport> = {}) =>
  membershipSection({ ...report, retrainedTargets: { ...retrained, ...rest } }).markup;

describe('other runs of the same training', () => {
  it('are not spoken of when none was asked for', () => {
    const { retrainedTargets: _, ...without } = report;
    assert.doesNotMatch(textOf(membershipSection(without).markup), /Other runs of the same|trained anew/);
  });

  it('stand under each audited number in one picture, hollow', () => {
    const [, picture] = /aria-labelledby="retrained-title([\s\S]*?)<\/svg>/.exec(page()) ?? [];
    const attacks = retrained.attacks.length;
    assert.deepEqual(
      ['hollow', 'dot'].map((kind) => picture.split(`class="${kind}"`).length - 1),
      [attacks, attacks],
    );
  });

  it('tell whether the audited run is unlike them, and how often one more would be', () => {
    assert.match(
      textOf(page()),
      /inside their range\. The chance that one more run of the recipe lies outside it is 33\.3%/,
    );
    const [first, ...rest] = retrained.attacks;
    const unlike = page({ attacks: [{ ...first, auc: { ...first.auc, outside: true } }, ...rest] });
    assert.match(textOf(unlike), /lies outside their range/);
    assert.match(textOf(page()), /outside the range of the others/);
  });

  it('name who is exposed in four runs of five, and how many flags were of one run', () => {
    const text = textOf(page());
    assert.match(text, /88 members are reliably exposed: .* flags them in at least 4 of 5 models/);
    assert.match(
      text,
      /On the audited model alone 181 members are flagged\. Of these 46% .* are among the reliably exposed/,
    );
    assert.match(text, /20 of 88 reliably exposed, the most often flagged first/);
    assert.match(text, /Not run on the retrained models: .*\(it reads the probability of every class/);
  });

  it('name nobody where nobody was flagged', () => {
    assert.doesNotMatch(textOf(page({ flags: null })), /reliably exposed: /);
    const none = { ...retrained.flags!, flaggedOnAudited: 0, reliablyExposed: 0, sampleIds: [] };
    const unmeasured = { status: 'notMeasured', code: 'ENG_INSUFFICIENT_SAMPLES', reason: 'no trials' } as const;
    const text = textOf(page({ flags: { ...none, reproduced: unmeasured } }));
    assert.match(text, /0 members are reliably exposed: .* None of them can be looked for in other runs: not measured/);
  });
});
