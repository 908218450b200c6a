import { type AttackResult, type MembershipReport, priors } from '@engram/contract';
import { intervalMark } from '../charts/interval-mark.js';
import { seriesClass } from '../charts/series.js';
import { type Content, type Html, html } from '../markup/html.js';
import { formatCount, formatOneIn, formatPercent, formatPValue } from '../numbers/format-number.js';
import { measuredCell, measuredPhrase } from '../numbers/measured-cell.js';
import { dataTable } from './data-table.js';

interface Row {
  readonly result: AttackResult;
  readonly label: string;
  readonly index: number;
}

function rows(attacks: readonly AttackResult[], labels: readonly string[]): Row[] {
  return attacks.map((result, index) => ({ result, label: labels[index], index }));
}

/** Without what ranks members and accuses nobody. */
function tests(attacks: readonly AttackResult[], labels: readonly string[]): Row[] {
  return rows(attacks, labels).filter(({ result }) => result.ranks === undefined);
}

function attackCell({ result, label, index }: Row): Html {
  const role =
    result.ranks === 'vulnerability'
      ? 'ranks members, no test of membership'
      : result.primary
        ? 'primary'
        : 'exploratory';
  const models =
    result.referenceModels > 0 ? `, ${formatCount(result.referenceModels)} reference models` : ', no reference models';
  return html`<span class="swatch ${seriesClass(index)}" aria-hidden="true"></span>${label} <span class="how">${role}${models} <code>${result.scoreId}</code></span>`;
}

/** AUC of every attack beside its control, with the blind baseline next to it unless that passed. */
export function attackTable({ attacks, gates }: MembershipReport, labels: readonly string[]): Html | null {
  const blind = gates.find(({ gate }) => gate === 'blindBaseline');
  const showBlind = blind !== undefined && blind.outcome !== 'pass' && blind.measured.status === 'measured';
  return dataTable('AUC of each attack: 0.5 is guessing, 1 is certainty', rows(attacks, labels), [
    { header: 'Attack', rowHeader: true, width: 28, cell: attackCell },
    { header: 'AUC', width: 21, cell: ({ result }) => measuredCell(result.auc, 'auc') },
    {
      header: 'Control: a model that never saw them',
      width: 21,
      cell: ({ result }) => measuredCell(result.control, 'auc'),
    },
    {
      header: 'Better than blind?',
      cell: ({ result: { pValueAgainstBlind: p } }) =>
        html`${
          p === null
            ? html`<span class="unmeasured"><b>not measured</b> <span class="how">no comparison with the blind baseline is part of this report</span></span>`
            : html`<span class="measured">p ${p < 0.001 ? null : '= '}${formatPValue(p)}</span>`
        }${showBlind ? html` <span class="how">blind AUC: ${measuredCell(blind.measured, 'auc')}</span>` : null}`,
    },
    {
      header: '0.4 to 1; hollow: control',
      cell: ({ result: { auc, control } }) => intervalMark(auc, { from: 0.4, to: 1, reference: 0.5, control }),
    },
  ]);
}

/** More rates than this side by side would not fit a page. */
const ratesAcross = 3;

/** Members found at each false positive rate asked for, and the rate of false accusations really made there. */
export function ratesTables({ attacks }: MembershipReport, labels: readonly string[]): Content {
  const asked = [...new Set(attacks.flatMap(({ tprAtFpr }) => tprAtFpr.map(({ fpr }) => fpr)))].sort((a, b) => b - a);
  const tables: Content[] = [];
  for (let from = 0; from < asked.length; from += ratesAcross)
    tables.push(ratesTable(tests(attacks, labels), asked.slice(from, from + ratesAcross)));
  return [...tables, cautions(attacks, asked)];
}

function ratesTable(lines: readonly Row[], rates: readonly number[]): Html | null {
  return dataTable('Members found, with the false positive rate held to at most', lines, [
    { header: 'Attack', rowHeader: true, width: 28, cell: attackCell },
    ...rates.map((fpr) => ({
      header: `${formatPercent(fpr)} (${formatOneIn(fpr) ?? 'all'})`,
      cell: ({ result }: Row) => {
        const rate = result.tprAtFpr.find((entry) => entry.fpr === fpr);
        if (rate === undefined)
          return html`<span class="unmeasured"><b>not measured</b> <span class="how">this rate was not asked of this attack</span></span>`;
        return html`${measuredCell(rate.measured, 'rate')} <span class="how realised">Non-members accused: ${measuredPhrase(rate.realisedFpr, 'rate')}</span> <span class="how">${thresholdWords[rate.threshold]} At exactly this rate: ${measuredPhrase(rate.height, 'rate')}.${
          rate.adjustedPValue === null ? null : ` ${pPhrase(rate.adjustedPValue)} after correction.`
        }</span>`;
      },
    })),
  ]);
}

const thresholdWords = {
  calibration: 'Threshold from calibration samples.',
  nonMembers: 'Threshold from these non-members (in-sample).',
} as const;

function pPhrase(p: number): string {
  return `p ${p < 0.001 ? '' : '= '}${formatPValue(p)}`;
}

/** What does not depend on a rate asked for: the far end of the ranking, the best threshold, and the comparisons. */
export function comparisonTable({ attacks }: MembershipReport, labels: readonly string[]): Html | null {
  return dataTable(
    'Beyond the AUC: the surest accusations, the best threshold, and each attack against others',
    tests(attacks, labels),
    [
      { header: 'Attack', rowHeader: true, width: 28, cell: attackCell },
      {
        header: 'Members above every non-member',
        cell: ({ result: { aboveAllNonMembers } }) =>
          html`${measuredCell(aboveAllNonMembers.measured, 'rate')} <span class="how">false positive rate at most ${formatPercent(aboveAllNonMembers.certifiedFpr)}</span>`,
      },
      {
        header: 'Advantage and balanced accuracy',
        cell: ({ result: { advantage } }) =>
          html`${measuredCell(advantage.advantage, 'number')} <span class="how">balanced accuracy ${measuredPhrase(advantage.balancedAccuracy, 'rate')}; the threshold was chosen on the other half</span>`,
      },
      {
        header: 'Against chance',
        cell: ({ result }) =>
          html`${pPhrase(result.pValue)} <span class="how">${result.primary ? 'named beforehand' : `${pPhrase(result.adjustedPValue)} after correction`}</span>`,
      },
      {
        header: 'AUC less that of the primary',
        cell: ({ result: { againstPrimary } }) =>
          againstPrimary === null
            ? 'this is the primary attack'
            : html`${measuredCell(againstPrimary.difference, 'gap')} <span class="how">${pPhrase(againstPrimary.pValueTwoSided)}</span>`,
      },
      {
        header: 'AUC less that of the blind baseline',
        cell: ({ result: { aucAboveBlind } }) =>
          aucAboveBlind === null ? 'no blind baseline to compare with' : measuredCell(aucAboveBlind, 'gap'),
      },
    ],
  );
}

/** Each caution once, with the rates and attacks it concerns. */
function cautions(attacks: readonly AttackResult[], rates: readonly number[]): Html | null {
  const lines = rates.flatMap((fpr) => {
    const said = attacks.flatMap(({ tprAtFpr }) => tprAtFpr.find((entry) => entry.fpr === fpr)?.caution ?? []);
    return [...new Set(said)].map((caution) => ({ fpr, caution }));
  });
  if (lines.length === 0) return null;
  return html`<ul class="cautions">${lines.map(({ fpr, caution }) => html`<li><b>⚠ At ${formatPercent(fpr)}:</b> ${caution}</li>`)}</ul>`;
}

/** Of the records an attack accuses, how many truly are members, at three shares of members. */
export function precisionTable({ attacks, verdict }: MembershipReport, labels: readonly string[]): Html | null {
  if (verdict === 'invalid') return null;
  const lines = tests(attacks, labels).flatMap((row) => row.result.tprAtFpr.map((point) => ({ row, point })));
  return dataTable(
    'Of the records an attack accuses, how many truly are members? It depends on how many members there are among those an attacker tries. Ranges take both rates at the ends of their intervals.',
    lines,
    [
      { header: 'Attack', rowHeader: true, width: 28, cell: ({ row }) => attackCell(row) },
      { header: 'Allowed false positive rate', cell: ({ point }) => formatPercent(point.fpr) },
      ...priors.map((prior) => ({
        header: `${formatOneIn(prior)} is a member`,
        cell: ({ point }: { point: AttackResult['tprAtFpr'][number] }) => {
          const at = point.precision.find((one) => one.prior === prior);
          return at === undefined ? 'not told' : measuredCell(at.measured, 'rate');
        },
      })),
    ],
    'compact',
  );
}
