import { type Capacity, capacitySeries, labelCapacityChart } from '../charts/label-capacity-chart.js';
import { figure } from '../charts/plot.js';
import { seriesLegend } from '../charts/series.js';
import { type Content, html } from '../markup/html.js';
import { formatCount, formatPercent } from '../numbers/format-number.js';
import { measuredCell } from '../numbers/measured-cell.js';
import { dataTable } from './data-table.js';

/** Labels that mean nothing can only be learned by heart: how many can this architecture? */
export function labelCapacityPart(capacity: Capacity): Content {
  const { levels, epochs, seeds, chance } = capacity;
  const modelsEach = seeds === 1 ? 'One model was' : `${formatCount(seeds)} models each were`;
  return [
    html`<h3>How much can it learn by heart?</h3>`,
    html`<div class="figures"><div><p>Labels drawn at random follow from nothing in the records, so whoever gets them right has learned them by heart; guessing gets ${formatPercent(chance)}. ${modelsEach} trained for ${formatCount(epochs)} epochs at every share of random labels.</p></div>${
      levels.length === 0
        ? null
        : figure({
            legend: seriesLegend(capacitySeries.map(({ label }, index) => ({ index, label }))),
            picture: labelCapacityChart('label-capacity', capacity),
            caption:
              'Where the second line stays high, random labels are learned by heart; the third falls with them, since what is learned by heart does not help on records never seen.',
          })
    }</div>`,
    dataTable('Answered right, by share of random labels', levels, [
      {
        header: 'Random',
        rowHeader: true,
        cell: ({ corruption }) => formatPercent(corruption),
      },
      { header: 'Labels taught', cell: ({ trainingAccuracy }) => measuredCell(trainingAccuracy, 'rate') },
      { header: 'Random ones', cell: ({ randomLabelAccuracy }) => measuredCell(randomLabelAccuracy, 'rate') },
      { header: 'Never seen', cell: ({ heldOutAccuracy }) => measuredCell(heldOutAccuracy, 'rate') },
      {
        header: 'Epochs to fit 99%',
        cell: ({ epochsToFit, censored }) =>
          html`${censored ? html`<b>more than</b> ` : null}${measuredCell(epochsToFit, 'epochs')}`,
      },
    ]),
  ];
}
