import type { DifficultyReport } from '@engram/contract';
import { difficultyStepsChart } from '../charts/difficulty-steps-chart.js';
import { gapAxes, gapCurveChart } from '../charts/gap-curve-chart.js';
import { intervalMark } from '../charts/interval-mark.js';
import { figure } from '../charts/plot.js';
import { type Content, type Html, html } from '../markup/html.js';
import { formatCount, formatSignificant } from '../numbers/format-number.js';
import { measuredCell } from '../numbers/measured-cell.js';
import { estimatorName } from '../words/attacks.js';
import { settingsList } from './blocks.js';
import { dataTable } from './data-table.js';

type Verification = NonNullable<DifficultyReport['verification']>;

const methodNames: Readonly<Record<string, string>> = { noisyFineTune: 'noisy fine-tuning on the records kept' };

/** Does estimated difficulty predict the work unlearning takes? Sets of records were unlearned to find out. */
export function verificationPart(verification: Verification): Content {
  const { method, settings, tolerance, forgetSets } = verification;
  const ordered = [...forgetSets].sort((a, b) => a.medianDifficulty - b.medianDifficulty);
  const axes = gapAxes(ordered, tolerance);
  const name = Object.hasOwn(methodNames, method) ? methodNames[method] : method;
  const list = settingsList(settings);
  return [
    html`<h3>Does it hold when records are really unlearned?</h3>`,
    html`<p>${formatCount(forgetSets.length)} sets of records were unlearned by ${name}, until the model treated them like models trained without them do, within ${formatSignificant(tolerance)} of mean logit confidence.</p>`,
    list === null ? null : html`<details><summary>Settings of the unlearning</summary>${list}</details>`,
    ordered.length === 0
      ? null
      : html`<div class="figures">${figure({
          picture: difficultyStepsChart('difficulty-steps', ordered),
          caption:
            'One mark for each set of records, numbered, with the interval of its steps. Hollow triangles ran out of steps: they need more than shown. If the estimate is any good, the marks rise to the right.',
        })}<div>${correlationTable(verification)}</div></div>`,
    forgetSetTable(ordered),
    ordered.length === 0
      ? null
      : html`<figure><div class="small-multiples">${ordered.map((set, i) => gapCurveChart(`gap-${i}`, set, axes, tolerance))}</div><figcaption>How far each set still is from never trained on, easiest set first, all on the same axes. Band: the tolerance. Vertical line: the step from which the gap stays within it.</figcaption></figure>`,
  ];
}

const against = { steps: 'steps of unlearning', gapBefore: 'gap before unlearning' } as const;

function correlationTable({ rankCorrelation, sampleRankCorrelation }: Verification): Html | null {
  const lines = [
    ...rankCorrelation.map(({ estimator, against: quantity, measured }) => ({
      estimator,
      quantity: `${against[quantity]}, over sets`,
      measured,
    })),
    ...sampleRankCorrelation.map(({ estimator, measured }) => ({
      estimator,
      quantity: 'gap before unlearning, over records',
      measured,
    })),
  ];
  return dataTable('Rank correlation of the estimate with what was measured (1 = same order, 0 = no relation)', lines, [
    {
      header: 'Estimate against',
      rowHeader: true,
      cell: ({ estimator, quantity }) => html`${estimatorName(estimator)} <span class="how">${quantity}</span>`,
    },
    {
      header: 'Correlation',
      cell: ({ measured }) =>
        html`${measuredCell(measured, 'correlation')}${intervalMark(measured, { from: -1, to: 1, reference: 0 })}`,
    },
  ]);
}

function forgetSetTable(forgetSets: Verification['forgetSets']): Html | null {
  return dataTable(
    'The sets, easiest first. Gap: mean logit confidence less that of models trained without the set',
    forgetSets,
    [
      {
        header: 'Set',
        rowHeader: true,
        cell: ({ set, size, medianDifficulty }) =>
          html`${String(set)} <span class="how">${formatCount(size)} records, difficulty ${formatSignificant(medianDifficulty, 2)}</span>`,
      },
      { header: 'Gap before', cell: ({ gapBefore }) => measuredCell(gapBefore, 'gap') },
      { header: 'Gap after', cell: ({ gapAfter }) => measuredCell(gapAfter, 'gap') },
      {
        header: 'Steps needed',
        cell: ({ stepsToRetrainLevel, censored }) =>
          html`${censored ? html`<b>more than</b> ` : null}${measuredCell(stepsToRetrainLevel, 'steps')}`,
      },
      { header: 'Accuracy lost elsewhere', cell: ({ damage }) => measuredCell(damage, 'points') },
    ],
  );
}
