import type { MembershipReport } from '@engram/contract';
import { type Content, type Html, html } from '../markup/html.js';
import { formatCount, formatFixed, formatPercent, formatPValue } from '../numbers/format-number.js';
import { measuredCell, measuredPhrase } from '../numbers/measured-cell.js';
import { dataTable } from './data-table.js';

/** What stands behind the attacks: parts of the samples, single samples, and what the samples show without any model. */
export function membershipDetails(report: MembershipReport): Content {
  return [certifiedList(report), exposedTable(report), slicesTable(report), tailTable(report), blindTable(report)];
}

function certifiedList({ certified }: MembershipReport): Html | null {
  if (certified === null) return null;
  const { fdr, count, sampleIds } = certified;
  return html`<h3>Records certified as members</h3><p>${formatCount(count)} records stand out from the ${formatCount(certified.calibrationSamples)} non-members set aside so far that at most ${formatPercent(fdr)} of them are expected to be no members (of this list ${formatPercent(certified.expectedFalseShare)}). In truth, which an outsider would not know: ${measuredPhrase(certified.realisedFalseShare, 'rate')}. A list of fewer than ${formatCount(certified.shortestList)} could not be certified. The non-members judged against those set aside, AUC: ${measuredPhrase(certified.nonMembersAgainstCalibration, 'auc')}; 0.5 if they are of one source.</p>${
    sampleIds.length === 0
      ? null
      : html`<details><summary>${formatCount(sampleIds.length)} of them, the surest first</summary><p>${sampleIds.join(', ')}</p></details>`
  }`;
}

function exposedTable({ vulnerability }: MembershipReport): Content {
  if (vulnerability === null) return null;
  const { referenceModels, meanSeparation, reliablyExposed, share, top } = vulnerability;
  return [
    html`<h3>The most exposed records</h3><p>From ${formatCount(referenceModels)} reference models, whatever the audited one: ${formatCount(reliablyExposed)} records (${measuredPhrase(share, 'rate')}) are reliably exposed, models trained with and without them being more than two standard deviations apart even at the lower end of the interval. Mean separation: ${measuredPhrase(meanSeparation, 'number')}.</p>`,
    dataTable(
      'The records furthest apart, in standard deviations',
      top,
      [
        { header: 'Record', rowHeader: true, cell: ({ sampleId }) => sampleId },
        {
          header: 'Separation',
          cell: ({ separation, standardError }) =>
            html`${formatFixed(separation, 1)} <span class="how">standard error ${formatFixed(standardError, 2)}</span>`,
        },
        { header: 'Trained on', cell: ({ member }) => (member ? 'yes' : 'no') },
      ],
      'compact',
    ),
  ];
}

const sliceWords = {
  label: 'class',
  correct: 'answer',
  vulnerabilityDecile: 'vulnerability, decile',
  outlierDecile: 'distance from the middle, decile',
  textLengthDecile: 'length, decile',
  repeated: 'record',
} as const;

function slicesTable({ slices }: MembershipReport): Content {
  if (slices === null) return null;
  const left = [
    ...(slices.tooSmall > 0 ? [`${formatCount(slices.tooSmall)} have fewer than 50 records on a side`] : []),
    ...(slices.beyondLimit > 0 ? [`${formatCount(slices.beyondLimit)} are beyond the 40 largest`] : []),
  ];
  return [
    html`<h3>Parts of the records</h3>`,
    dataTable(
      'The primary attack within parts of the records, each compared with all others; p-values are corrected, since some part always looks worst',
      slices.slices,
      [
        { header: 'Part', rowHeader: true, cell: ({ slice, value }) => `${sliceWords[slice]} ${value}` },
        {
          header: 'Members, non-members',
          cell: (one) => `${formatCount(one.members)}, ${formatCount(one.nonMembers)}`,
        },
        { header: 'AUC', cell: ({ auc }) => measuredCell(auc, 'auc') },
        {
          header: 'Differs from the rest',
          cell: ({ adjustedPValue: p }) => `p ${p < 0.001 ? '' : '= '}${formatPValue(p)}`,
        },
        {
          header: 'Members found',
          cell: ({ tprAtFpr }) =>
            tprAtFpr.length === 0
              ? 'too few non-members for the rates asked for'
              : tprAtFpr.map(
                  ({ fpr, measured, realisedFpr }) =>
                    html`<div>At ${formatPercent(fpr)}: ${measuredPhrase(measured, 'rate')}, non-members accused: ${measuredPhrase(realisedFpr, 'rate')}</div>`,
                ),
        },
      ],
      'compact',
    ),
    left.length === 0 ? null : html`<p class="aside">Parts not shown: ${left.join('; ')}.</p>`,
  ];
}

function tailTable({ lossTail }: MembershipReport): Html | null {
  return dataTable(
    'How far members have left the tail of high losses: non-members beyond nearly all members',
    lossTail,
    [
      { header: 'Members beyond it', rowHeader: true, cell: ({ fnr }) => `at most ${formatPercent(fnr)}` },
      { header: 'Non-members beyond it', cell: ({ measured }) => measuredCell(measured, 'rate') },
      { header: 'Members really beyond it', cell: ({ realisedFnr }) => measuredCell(realisedFnr, 'rate') },
    ],
  );
}

function blindTable({ blindBaseline }: MembershipReport): Content {
  if (blindBaseline === null) return null;
  const { classifiers, n, strongest, tprAtFpr } = blindBaseline;
  return [
    dataTable(`Classifiers that never saw the model, on ${formatCount(n)} records`, classifiers, [
      { header: 'Classifier', rowHeader: true, cell: ({ classifier }) => classifier },
      { header: 'AUC out of fold', cell: ({ auc }) => measuredCell(auc, 'auc') },
      {
        header: 'Against chance',
        cell: ({ adjustedPValue: p }) => `p ${p < 0.001 ? '' : '= '}${formatPValue(p)} after correction`,
      },
    ]),
    dataTable(`Members found by the strongest of them, ${strongest}`, tprAtFpr, [
      { header: 'False positive rate', rowHeader: true, cell: ({ fpr }) => formatPercent(fpr) },
      { header: 'Members found', cell: ({ measured }) => measuredCell(measured, 'rate') },
      { header: 'Non-members accused', cell: ({ realisedFpr }) => measuredCell(realisedFpr, 'rate') },
    ]),
  ];
}
