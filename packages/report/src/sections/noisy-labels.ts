import type { LabelMemorizationReport } from '@engram/contract';
import { intervalChart } from '../charts/interval-chart.js';
import { figure } from '../charts/plot.js';
import { type Content, html } from '../markup/html.js';
import { formatCount, formatFixed, formatPercent } from '../numbers/format-number.js';
import { measuredCell, measuredPhrase } from '../numbers/measured-cell.js';
import { dataDietNames } from '../words/data-diet-scores.js';
import { dataTable } from './data-table.js';

type NoisyLabels = NonNullable<LabelMemorizationReport['noisyLabels']>;

/** Labels flipped on purpose: which score finds them? */
export function noisyLabelsPart({
  flip,
  flipped,
  runs,
  epochs,
  scores,
  best,
  precisionOfReview,
  votesForTruth,
}: NoisyLabels): Content {
  const rows = scores
    .flatMap(({ score, auroc }) =>
      auroc.status === 'measured' ? [{ label: dataDietNames[score], ...auroc, hollow: score !== best }] : [],
    )
    .sort((a, b) => b.value - a.value);
  const table = dataTable(
    'AUROC of each score',
    scores,
    [
      { header: 'Score', rowHeader: true, cell: ({ score }) => dataDietNames[score] },
      { header: 'AUROC, mean of runs', cell: ({ auroc }) => measuredCell(auroc, 'auc') },
      {
        header: 'Run by run',
        cell: ({ perRun }) =>
          perRun.length === 0 ? 'not told' : perRun.map((run) => html`<div>${measuredPhrase(run, 'auc')}</div>`),
      },
    ],
    'compact',
  );
  return [
    html`<h3>Can wrong labels be found?</h3>`,
    html`<div class="figures"><div><p>To find out, ${formatCount(flipped)} labels (${formatPercent(flip)}) were flipped to another class on purpose, in ${formatCount(runs)} ${runs === 1 ? 'run' : 'runs'} of ${formatCount(epochs)} epochs, and every score had to tell them from the labels left alone.</p><ul class="in-words"><li>“${dataDietNames[best]}” found them best, so it orders the list for review. Of as many records as are listed, ${measuredPhrase(precisionOfReview, 'rate')} had a flipped label.</li><li>Early in training the model itself knew better: for ${measuredPhrase(votesForTruth, 'rate')} of the flipped records it went for the true label.</li></ul></div>${
      rows.length === 0
        ? table
        : figure({
            picture: intervalChart({
              id: 'noisy-labels',
              title: 'How well scores find flipped labels',
              yTitle: 'score, best first',
              xTitle: 'AUROC',
              format: (value) => formatFixed(value, 2),
              references: [{ at: 0.5, label: 'guessing' }],
              rows,
            }),
            caption:
              'AUROC: the chance that a flipped record scores above one left alone. Filled: the score chosen. Whiskers: intervals over the runs.',
            numbers: table,
          })
    }</div>`,
  ];
}
