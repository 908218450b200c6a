import type { Measured } from '@engram/domain';
import { type Exposure, exposureLadder } from '../charts/exposure-ladder.js';
import { figure } from '../charts/plot.js';
import { type Content, type Html, html } from '../markup/html.js';
import { formatCount, formatPValue, formatSignificant } from '../numbers/format-number.js';
import { measuredCell } from '../numbers/measured-cell.js';
import { outcomeBadge } from './blocks.js';
import { dataTable } from './data-table.js';

const estimators = {
  exact: 'Every possible secret was ranked, so ranks are exact',
  sampled: 'Ranks are among sampled secrets, so no exposure above their number can be seen',
  extrapolated: 'Ranks beyond the sampled secrets are extrapolated from their distribution (hollow triangles)',
} as const;

/** Secrets planted on purpose: how far up they rank among all they could have been, against how often they stood there. */
export function exposurePart(exposure: Exposure): Content {
  const { canaries, byRepetitions, spaceBits, references, estimator } = exposure;
  return [
    html`<h3>Planted secrets: how often must one be repeated to show?</h3>`,
    html`<p>Each secret is one of 2<sup>${formatSignificant(spaceBits)}</sup> it could have been. An exposure of <i>b</i> bits means that the model ranks the true one among the top 1 in 2<sup><i>b</i></sup>. ${estimators[estimator]}; ${formatCount(references)} others were ranked.</p>`,
    html`<div class="figures">${canaries.length + byRepetitions.length === 0 ? null : ladder(exposure)}<div>${repetitionsTable(exposure)}${nullCard(exposure)}</div></div>`,
  ];
}

function ladder(exposure: Exposure): Html {
  const extrapolated = exposure.canaries.some(({ extrapolatedBits }) => extrapolatedBits !== null);
  return figure({
    legend: html`<ul class="legend"><li class="series-0"><svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true"><circle class="dot faint" cx="6" cy="6" r="4"/></svg><span>one secret</span></li>${extrapolated ? extrapolatedKey : null}<li class="series-1"><svg viewBox="0 0 12 14" width="12" height="14" aria-hidden="true"><path class="whisker" d="M6 0V14"/><path class="marker" d="M2 3h8v8H2Z"/></svg><span>mean with interval</span></li><li><span class="null-swatch" aria-hidden="true"></span><span>where secrets never seen fall (half, 90%, 99%)</span></li></ul>`,
    picture: exposureLadder('exposure', exposure),
    caption: html`Chance puts a secret above <i>b</i> bits one time in 2<sup><i>b</i></sup>: the grey steps hold half, 90% and 99% of secrets the model never saw. Secrets far above them were memorised.`,
    numbers: canaryTable(exposure),
  });
}

const extrapolatedKey = html`<li class="series-0"><svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true"><path class="hollow" d="M6 2l4 7h-8Z"/></svg><span>the same, extrapolated beyond the secrets ranked</span></li>`;

function canaryTable({ canaries }: Exposure): Html | null {
  return dataTable(
    'Every planted secret',
    canaries,
    [
      { header: 'Secret', rowHeader: true, cell: ({ sampleId }) => html`<code>${sampleId}</code>` },
      { header: 'Planted', cell: ({ repetitions }) => times(repetitions) },
      { header: 'Exposure', cell: ({ exposureBits }) => `${formatSignificant(exposureBits)} bits` },
      { header: 'p-value', cell: ({ pValue }) => formatPValue(pValue) },
      {
        header: 'Extrapolated',
        cell: ({ extrapolatedBits }) =>
          extrapolatedBits === null ? 'not extrapolated' : `${formatSignificant(extrapolatedBits)} bits`,
      },
    ],
    'compact',
  );
}

function repetitionsTable({ byRepetitions, references, estimator }: Exposure): Html | null {
  // Rank 1 among these and the secret itself.
  const most = Math.log2(references + 1);
  const reachesMost = (measured: Measured) =>
    estimator === 'sampled' && measured.status === 'measured' && measured.high >= most - 1e-9;
  return dataTable('Exposure by repetitions', byRepetitions, [
    {
      header: 'Planted',
      rowHeader: true,
      width: 20,
      cell: ({ repetitions, count }) =>
        html`${times(repetitions)} <span class="how">${formatCount(count)} ${count === 1 ? 'secret' : 'secrets'}</span>`,
    },
    {
      header: 'Mean exposure',
      width: 46,
      cell: ({ exposureBits }) =>
        html`${measuredCell(exposureBits, 'bits')}${
          reachesMost(exposureBits)
            ? html` <span class="how">more than ${formatSignificant(most)} cannot show among ${formatCount(references)} secrets: it may be more</span>`
            : null
        }`,
    },
    { header: 'Share detected (p ≤ 0.01)', cell: ({ shareDetected }) => measuredCell(shareDetected, 'rate') },
  ]);
}

function times(repetitions: number): string {
  if (repetitions === 0) return 'never';
  return repetitions === 1 ? 'once' : `${formatCount(repetitions)} times`;
}

function nullCard({ nullCheck }: Exposure): Html {
  const { outcome, measured, statement } = nullCheck;
  return html`<article class="card gate outcome-${outcome}"><h4>Null check ${outcomeBadge(outcome)}</h4><p class="question">Do secrets that were never planted average the 1.44 bits chance gives them?</p><p class="figure">${measuredCell(measured, 'bits')}</p>${statement === '' ? null : html`<p>${statement}</p>`}</article>`;
}
