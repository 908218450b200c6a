import { type EarlyLearning, earlyLearningChart, earlyLearningSeries } from '../charts/early-learning-chart.js';
import { figure } from '../charts/plot.js';
import { seriesLegend } from '../charts/series.js';
import { type Content, html } from '../markup/html.js';
import { formatCount, formatPercent } from '../numbers/format-number.js';
import { measuredPhrase } from '../numbers/measured-cell.js';
import { dataTable } from './data-table.js';

/** When are wrong labels learned? Flipped records are first predicted as they truly are, then as they were taught. */
export function earlyLearningPart(curves: EarlyLearning): Content {
  const { epochs, runs, chance, point, pointPerRun, riseAfterPoint, labelNoiseMemorization } = curves;
  return [
    html`<h3>When are wrong labels learned by heart?</h3>`,
    html`<div class="figures"><div><p>A model learns what records have in common before it learns exceptions. So flipped records are at first predicted as they truly are; only later does it learn the wrong label by heart. Stopping in between avoids that.</p><ul class="in-words"><li>The early-learning point, after which most flipped records are predicted as they truly are: ${measuredPhrase(point, 'epochs')}${pointPerRun.length > 0 ? `; run by run ${pointPerRun.map(formatCount).join(', ')}` : null}.</li><li>From there to the last epoch the share of flipped labels learned by heart rises by ${measuredPhrase(riseAfterPoint, 'points')}.</li><li>Label-noise memorization, the shaded area per epoch: ${measuredPhrase(labelNoiseMemorization, 'gap')}; 0 is no better than guessing, which gets ${formatPercent(chance)}.</li></ul></div>${
      epochs.length === 0
        ? null
        : figure({
            legend: seriesLegend(earlyLearningSeries.map(({ label }, index) => ({ index, label }))),
            picture: earlyLearningChart('early-learning', curves),
            caption: `Mean of ${formatCount(runs)} ${runs === 1 ? 'run' : 'runs'}; bands are intervals epoch by epoch. Shaded under (b): what is learned by heart beyond guessing. Upright line: the early-learning point; grey beside it, where runs differ, their range.`,
            numbers: dataTable(
              'Shares by epoch',
              epochs.map((epoch, i) => ({ epoch, i })),
              [
                { header: 'Epoch', rowHeader: true, cell: ({ epoch }) => formatCount(epoch) },
                ...earlyLearningSeries.map(({ label, of }) => ({
                  header: label,
                  cell: ({ i }: { i: number }) => {
                    const { value, low, high } = of(curves);
                    return `${formatPercent(value[i] ?? 0)} (${formatPercent(low[i] ?? 0)} to ${formatPercent(high[i] ?? 0)})`;
                  },
                })),
              ],
              'compact',
            ),
          })
    }</div>`,
  ];
}
