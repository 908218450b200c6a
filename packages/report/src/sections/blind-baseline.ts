import type { MembershipReport } from '@engram/contract';
import { type Html, html } from '../markup/html.js';
import { formatCount, formatPercent, writePValue } from '../numbers/format-number.js';
import { measuredCell } from '../numbers/measured-cell.js';
import { blindClassifierName } from '../words/blind-classifiers.js';
import { dataTable } from './data-table.js';

/** What the blind-baseline gate rests on: classifiers that see the records and never the model. */
export function blindBaselinePart({ blindBaseline }: MembershipReport): Html | null {
  if (blindBaseline === null) return null;
  const { classifiers, n, strongest, tprAtFpr, pValue } = blindBaseline;
  const tables = [
    dataTable(
      'AUC of each, out of fold: 0.5 is guessing',
      classifiers,
      [
        { header: 'Classifier', rowHeader: true, cell: ({ classifier }) => blindClassifierName(classifier) },
        { header: 'AUC', cell: ({ auc }) => measuredCell(auc, 'auc') },
        {
          header: 'Against chance',
          cell: (one) =>
            html`${writePValue(one.adjustedPValue)} <span class="how">after correction; ${writePValue(one.pValue)} before</span>`,
        },
      ],
      'compact',
    ),
    dataTable(
      `Members found by the strongest: ${blindClassifierName(strongest).toLowerCase()}`,
      tprAtFpr,
      [
        { header: 'False positive rate', rowHeader: true, cell: ({ fpr }) => formatPercent(fpr) },
        { header: 'Members found', cell: ({ measured }) => measuredCell(measured, 'rate') },
        { header: 'Non-members accused', cell: ({ realisedFpr }) => measuredCell(realisedFpr, 'rate') },
      ],
      'compact',
    ),
  ];
  return html`<details><summary>The classifiers behind the blind baseline</summary><p>Fitted to ${formatCount(n)} records, without the model. The smallest p-value, corrected for their number: ${writePValue(pValue)}.</p>${tables}</details>`;
}
