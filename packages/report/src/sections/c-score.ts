import type { MemorizationReport } from '@engram/contract';
import { intervalChart } from '../charts/interval-chart.js';
import { figure } from '../charts/plot.js';
import { type Content, type Html, html } from '../markup/html.js';
import { formatCount, formatPercent } from '../numbers/format-number.js';
import { measuredCell, measuredPhrase } from '../numbers/measured-cell.js';
import { dataTable } from './data-table.js';

type CScore = NonNullable<MemorizationReport['typicality']['cScore']>;

/** How typical are the records, whatever the amount of training data? Held-out correctness over several sizes. */
export function cScorePart(cScore: CScore): Content {
  const { mean, unscored, sizes } = cScore;
  const left =
    unscored === 0
      ? ''
      : ` ${formatCount(unscored)} of the records have none: every model of some size was trained on them.`;
  return [
    html`<h3>How typical are the records?</h3>`,
    html`<div class="figures"><div><p>The C-score of a record is how often models that were not trained on it get it right, averaged over ${formatCount(sizes.length)} sizes of the training set. Its mean is <b>${measuredPhrase(mean, 'rate')}</b>.${left} A low score marks a record unlike the others, or a wrong label; the per-sample table has it as <code>cScore</code>.</p>${table(sizes)}</div>${picture(sizes)}</div>`,
  ];
}

function table(sizes: CScore['sizes']): Html | null {
  return dataTable(
    'Accuracy on records not trained on, by how many were',
    sizes,
    [
      {
        header: 'Trained on',
        rowHeader: true,
        cell: ({ trainingSize, subsetFraction }) =>
          html`${formatCount(trainingSize)} <span class="how">${formatPercent(subsetFraction)} of all</span>`,
      },
      {
        header: 'Models',
        cell: ({ models, isBank }) =>
          html`${formatCount(models)}${isBank ? html` <span class="how">of the bank</span>` : null}`,
      },
      { header: 'Held-out accuracy', cell: ({ heldOutAccuracy }) => measuredCell(heldOutAccuracy, 'rate') },
    ],
    'compact',
  );
}

function picture(sizes: CScore['sizes']): Html | null {
  const rows = sizes.flatMap(({ trainingSize, heldOutAccuracy }) =>
    heldOutAccuracy.status === 'measured' ? [{ label: formatCount(trainingSize), ...heldOutAccuracy }] : [],
  );
  if (rows.length === 0) return null;
  return figure({
    picture: intervalChart({
      id: 'c-score',
      title: 'Held-out accuracy at each size of the training set',
      yTitle: 'records trained on',
      xTitle: 'accuracy',
      format: formatPercent,
      include: [0, 1],
      rows,
    }),
    caption: 'Whiskers: the interval over the models of each size.',
  });
}
