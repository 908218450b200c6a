import type { ExtractionReport, Gate, MembershipReport, Report } from '@engram/contract';
import { formatCount, formatPercent } from '../numbers/format-number.js';
import { measuredPhrase } from '../numbers/measured-cell.js';
import type { Advice } from './advice.js';
import { gateWords } from './gates.js';
import { labelAdvice, memorizationAdvice } from './memorization-advice.js';
import { privacyBoundsAdvice } from './privacy-bounds-advice.js';

/** Estimating a true positive rate wants at least this many expected false accusations. */
const falseAccusationsWanted = 10;

/** What to do next, most urgent first. Read off the report's own verdicts and numbers; never empty. */
export function nextSteps(report: Report): Advice[] {
  const { membership, extraction, privacyBounds, memorization, labelMemorization } = report;
  const steps = [
    ...(membership === null ? [] : membershipSteps(membership)),
    ...(privacyBounds === undefined ? [] : privacyBoundsAdvice(privacyBounds)),
    ...(memorization === undefined ? [] : memorizationAdvice(memorization)),
    ...(extraction === null ? [] : extractionSteps(extraction)),
    ...(labelMemorization === undefined ? [] : labelAdvice(labelMemorization)),
  ];
  if (steps.length > 0) return steps;
  return report.verdict === 'noLeakFound'
    ? [
        {
          action: 'Keep this audit in the pipeline and run it on every release.',
          because:
            'What one training run gives away, the next may not, and the other way round. Read the limits below.',
        },
      ]
    : [
        {
          action: 'Read the findings and limits below before deciding on a release.',
          because: 'No test of this report carries advice of its own.',
        },
      ];
}

function failedGates(gates: readonly Gate[]): Gate[] {
  return gates.filter(({ outcome }) => outcome === 'fail');
}

function membershipSteps({
  verdict,
  gates,
  attacks,
  nonMembers,
  statement,
  samplesToSettle,
}: MembershipReport): Advice[] {
  switch (verdict) {
    case 'invalid': {
      const failed = failedGates(gates);
      if (failed.length === 0) return [{ action: 'Repair the comparison and audit again.', because: statement }];
      return failed.map((gate) => ({
        action: gateWords[gate.gate].repair,
        because: `The gate “${gateWords[gate.gate].name.toLowerCase()}” failed at ${measuredPhrase(gate.measured, gate.gate === 'sharedSamples' ? 'rate' : 'auc')}. ${gate.statement}`,
      }));
    }
    case 'inconclusive': {
      if (samplesToSettle !== null)
        return [
          {
            action: `Audit again with at least ${formatCount(samplesToSettle.perSide)} members and as many non-members.`,
            because: samplesToSettle.rule,
          },
        ];
      const rates = attacks.flatMap(({ tprAtFpr }) => tprAtFpr.map(({ fpr }) => fpr));
      const wanted = Math.max(1000, ...rates.map((fpr) => Math.ceil(falseAccusationsWanted / fpr - 1e-9)));
      return wanted > nonMembers
        ? [
            {
              action: `Audit again with at least ${formatCount(wanted)} non-members, and as many members as there are.`,
              because: `This audit had ${formatCount(nonMembers)}; ${
                rates.length > 0 ? `a rate of ${formatPercent(Math.min(...rates))} is` : 'such rates are'
              } seen too seldom among so few.`,
            },
          ]
        : [{ action: 'Audit again with more records on both sides.', because: statement }];
    }
    case 'leak':
      return [
        {
          action:
            'Before release, train with less over-fitting (fewer epochs, stronger regularisation) or with differential privacy, and audit again with the same data and seed.',
          because: statement,
        },
        {
          action: 'Until then, treat the membership of these records as known to anyone who can query the model.',
          because:
            'Telling less with each answer, labels without scores or rounded numbers, only makes the attack dearer; it does not undo what was memorised.',
        },
      ];
    case 'noLeakFound':
      return [];
  }
}

function extractionSteps({ verdict, statement, prefixSuffix, exposure }: ExtractionReport): Advice[] {
  const steps: Advice[] = [];
  if (verdict === 'invalid' || prefixSuffix?.controlsGate.outcome === 'fail')
    steps.push({
      action: 'Replace the control texts by texts drawn like the records but never trained on, and audit again.',
      because: prefixSuffix?.controlsGate.statement ?? statement,
    });
  if (verdict === 'leak')
    steps.push({
      action:
        'Do not release weights or unlimited sampling until the records named in the per-sample table are taken out of the training set, every copy of them, and the model is trained again.',
      because: statement,
    });
  const detected = exposure?.byRepetitions.filter(
    // At p ≤ 0.01 one secret in a hundred is detected by chance.
    ({ repetitions, shareDetected }) =>
      repetitions > 0 && shareDetected.status === 'measured' && shareDetected.low > 0.01,
  );
  if (detected !== undefined && detected.length > 0) {
    const least = Math.min(...detected.map(({ repetitions }) => repetitions));
    steps.push({
      action: `Change every real secret that stands ${least === 1 ? 'even once' : `${formatCount(least)} times or more`} in the training data, and remove all its copies: unlearning one copy will not hold.`,
      because: `Secrets planted that often rank above those the model never saw more often than chance allows.`,
    });
  }
  if (verdict === 'inconclusive' && steps.length === 0)
    steps.push({ action: 'Audit again with more records and controls.', because: statement });
  return steps;
}
