import type { MemorizationReport } from '@engram/contract';
import { intervalChart } from '../charts/interval-chart.js';
import { figure } from '../charts/plot.js';
import { type Content, html } from '../markup/html.js';
import { formatPercent, formatSignificant } from '../numbers/format-number.js';
import { measuredCell } from '../numbers/measured-cell.js';
import { foldedTable } from './data-table.js';

const inSight = 6;

/** The members with the largest estimates, with how unsure each is. */
export function memorizedSamples({ top, threshold, falseDiscoveryRate }: MemorizationReport): Content {
  if (top.length === 0) return null;
  const rows = top.flatMap(({ sampleId, memorization, qValue }) =>
    memorization.status === 'measured'
      ? [{ label: sampleId, ...memorization, hollow: qValue > falseDiscoveryRate }]
      : [],
  );
  return [
    html`<h3>The most memorised records</h3>`,
    html`<div class="figures"><div>${foldedTable(
      'Members by their estimates; q: the smallest false discovery rate at which a record counts as memorised',
      top,
      [
        {
          header: 'Record',
          rowHeader: true,
          cell: ({ sampleId, dataset, label }) =>
            html`<code>${sampleId}</code> <span class="how">${dataset}${label === null ? null : `, class ${label}`}</span>`,
        },
        { header: 'Memorization', cell: ({ memorization }) => measuredCell(memorization, 'gap') },
        { header: 'Right when trained on it', cell: ({ trained }) => formatPercent(trained) },
        { header: 'Right when not', cell: ({ heldOut }) => formatPercent(heldOut) },
        {
          header: 'q',
          cell: ({ qValue }) =>
            html`<span class="interval">${qValue < 0.001 ? '< 0.001' : formatSignificant(qValue, 2)}</span>`,
        },
      ],
      { inSight, more: (count) => `${count} more ${count === 1 ? 'record' : 'records'}`, kind: 'compact' },
    )}</div>${
      rows.length === 0
        ? null
        : figure({
            picture: intervalChart({
              id: 'memorized',
              title: 'The most memorised members',
              yTitle: 'member',
              xTitle: 'memorization',
              format: formatSignificant,
              include: [0, 1],
              references: [{ at: threshold, label: 'threshold' }],
              rows,
            }),
            caption: `Whiskers: the interval of each estimate. Filled: memorised at a false discovery rate of ${formatPercent(falseDiscoveryRate)}. The largest of many estimates are partly luck; another bank would put them lower.`,
          })
    }</div>`,
  ];
}
