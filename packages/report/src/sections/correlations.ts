import type { MemorizationReport } from '@engram/contract';
import { intervalChart } from '../charts/interval-chart.js';
import { figure } from '../charts/plot.js';
import { type Content, html } from '../markup/html.js';
import { formatSignificant } from '../numbers/format-number.js';
import { measuredCell } from '../numbers/measured-cell.js';
import { dataTable } from './data-table.js';

type Correlations = MemorizationReport['correlations'];

/** Do different scores point at the same members? Rank correlations, one picture for each score compared with others. */
export function correlationsPart(correlations: Correlations): Content {
  if (correlations.length === 0) return null;
  const firsts = [...new Set(correlations.map(({ first }) => first))];
  const pictures = firsts.flatMap((first, i) => {
    const rows = correlations.flatMap(({ first: other, second, measured }) =>
      other === first && measured.status === 'measured' ? [{ label: second, ...measured }] : [],
    );
    if (rows.length === 0) return [];
    return [
      figure({
        picture: intervalChart({
          id: `correlations-${i}`,
          title: `Rank correlation with ${first}`,
          yTitle: `with ${first}`,
          xTitle: 'rank correlation',
          format: formatSignificant,
          include: [-1, 1],
          references: [{ at: 0, label: 'no relation' }],
          rows: rows.sort((a, b) => b.value - a.value),
        }),
        caption: html`Columns of the per-sample table beside <code>${first}</code>, over the members.`,
      }),
    ];
  });
  const table = dataTable(
    'Rank correlation over the members: 1 = the same order, 0 = no relation, −1 = the reverse',
    correlations,
    [
      {
        header: 'Columns',
        rowHeader: true,
        cell: ({ first, second }) => html`<code>${first}</code>, <code>${second}</code>`,
      },
      { header: 'Correlation', cell: ({ measured }) => measuredCell(measured, 'correlation') },
    ],
    'compact',
  );
  return [
    html`<h3>Do different scores point at the same records?</h3>`,
    pictures.length === 0 ? null : html`<div class="figures">${pictures}</div>`,
    html`<details><summary>The correlations in numbers</summary>${table}</details>`,
  ];
}
