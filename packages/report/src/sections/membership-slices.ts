import type { MembershipReport } from '@engram/contract';
import { intervalChart } from '../charts/interval-chart.js';
import { figure } from '../charts/plot.js';
import { type Content, type Html, html } from '../markup/html.js';
import { formatCount, formatFixed, formatPercent, writePValue } from '../numbers/format-number.js';
import { measuredCell, measuredPhrase } from '../numbers/measured-cell.js';
import { sliceName } from '../words/slices.js';
import { foldedTable } from './data-table.js';

type Slices = NonNullable<MembershipReport['slices']>;
type Slice = Slices['slices'][number];

/** From here down a part differs from the rest after correction for the number of parts. */
const significant = 0.05;

/** Are some parts of the records easier to tell than others? The primary attack within each, largest AUC first. */
export function slicesPart({ slices, attacks }: MembershipReport): Content {
  if (slices === null) return null;
  const auc = ({ auc }: Slice) => (auc.status === 'measured' ? auc.value : Number.NEGATIVE_INFINITY);
  const ordered = [...slices.slices].sort((a, b) => auc(b) - auc(a));
  const overall = attacks.find(({ scoreId }) => scoreId === slices.scoreId)?.auc;
  const differ = ordered.filter(({ adjustedPValue }) => adjustedPValue <= significant).length;
  return [
    html`<h3>Parts of the records: are some easier to tell?</h3>`,
    html`<div class="figures"><div>${
      ordered.length === 0
        ? null
        : html`<p>The primary attack within ${formatCount(ordered.length)} ${ordered.length === 1 ? 'part' : 'parts'} of the records. ${
            differ === 0
              ? 'None of them differs'
              : `${formatCount(differ)} of them ${differ === 1 ? 'differs' : 'differ'}`
          } from all other records after correction for their number, without which some part always looks worst.</p>`
    }${leftOut(slices)}</div>${picture(ordered, overall)}</div>`,
    slicesTable(ordered),
  ];
}

/** What tenths are tenths of, where the picture has any. */
function tenths(slices: readonly Slice[]): string {
  const has = (wanted: Slice['slice']) => slices.some(({ slice }) => slice === wanted);
  const meanings = [
    ...(has('vulnerabilityDecile')
      ? ['vulnerability, how far apart models trained with and without a record are']
      : []),
    ...(has('outlierDecile') ? ['distance to middle, how unlike the other records one is'] : []),
    ...(has('textLengthDecile') ? ['length, that of the text'] : []),
  ];
  return meanings.length === 0 ? '' : ` Tenths run from 1, the lowest, to 10: ${meanings.join('; ')}.`;
}

function picture(slices: readonly Slice[], overall: Slice['auc'] | undefined): Html | null {
  const rows = slices.flatMap((slice) =>
    slice.auc.status === 'measured'
      ? [{ label: sliceName(slice), ...slice.auc, hollow: slice.adjustedPValue > significant }]
      : [],
  );
  if (rows.length === 0) return null;
  return figure({
    picture: intervalChart({
      id: 'slices',
      title: 'AUC of the primary attack within parts of the records',
      yTitle: 'part of the records',
      xTitle: 'AUC within the part',
      format: (value) => formatFixed(value, 2),
      references: [
        { at: 0.5, label: 'guessing' },
        ...(overall?.status === 'measured' ? [{ at: overall.value, label: 'all records' }] : []),
      ],
      rows,
    }),
    caption: `Filled: differs from the rest of the records after correction (p at most 0.05). Hollow: may be chance. Whiskers: intervals of the AUC.${tenths(slices)}`,
  });
}

function slicesTable(slices: readonly Slice[]): Content {
  return foldedTable(
    'The parts, largest AUC first, each compared with all other records',
    slices,
    [
      {
        header: 'Part',
        rowHeader: true,
        cell: (slice) =>
          html`${sliceName(slice)} <span class="how">${formatCount(slice.members)} members, ${formatCount(slice.nonMembers)} non-members</span>`,
      },
      { header: 'AUC', cell: ({ auc }) => measuredCell(auc, 'auc') },
      {
        header: 'Differs from the rest',
        cell: ({ pValue, adjustedPValue }) =>
          html`${writePValue(adjustedPValue)} <span class="how">after correction; ${writePValue(pValue)} before</span>`,
      },
      {
        header: 'Members found',
        cell: ({ tprAtFpr }) =>
          tprAtFpr.length === 0
            ? html`<span class="how">too few non-members for the rates asked for</span>`
            : tprAtFpr.map(
                ({ fpr, measured, realisedFpr }) =>
                  html`<div>at ${formatPercent(fpr)}: ${measuredPhrase(measured, 'rate')} <span class="how">non-members accused: ${measuredPhrase(realisedFpr, 'rate')}</span></div>`,
              ),
      },
    ],
    { inSight: 0, more: () => 'The parts in numbers', kind: 'compact' },
  );
}

function leftOut({ tooSmall, beyondLimit }: Slices): Html | null {
  const reasons = [
    ...(tooSmall > 0 ? [`${formatCount(tooSmall)} with fewer than 50 records on a side`] : []),
    ...(beyondLimit > 0 ? [`${formatCount(beyondLimit)} beyond the 40 largest`] : []),
  ];
  return reasons.length === 0 ? null : html`<p class="aside">Parts not shown: ${reasons.join('; ')}.</p>`;
}
