import type { AttackResult, MembershipReport } from '@engram/contract';
import type { Measured } from '@engram/domain';
import { intervalMark } from '../charts/interval-mark.js';
import { seriesClass } from '../charts/series.js';
import { type Content, type Html, html } from '../markup/html.js';
import { formatCount, formatOneIn, formatPercent, formatPValue } from '../numbers/format-number.js';
import { measuredCell, measuredPhrase } from '../numbers/measured-cell.js';
import { precisionAtPrior, priors } from '../numbers/precision-at-prior.js';
import { writeNumber } from '../numbers/quantity.js';
import { dataTable } from './data-table.js';

interface Row {
  readonly result: AttackResult;
  readonly label: string;
  readonly index: number;
}

function rows(attacks: readonly AttackResult[], labels: readonly string[]): Row[] {
  return attacks.map((result, index) => ({ result, label: labels[index], index }));
}

function attackCell({ result, label, index }: Row): Html {
  const role = result.primary ? 'primary' : 'exploratory';
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
    tables.push(ratesTable(rows(attacks, labels), asked.slice(from, from + ratesAcross)));
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
        return html`${measuredCell(rate.measured, 'rate')} <span class="how realised">Non-members accused: ${measuredPhrase(rate.realisedFpr, 'rate')}</span>`;
      },
    })),
  ]);
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

/** Of the records the primary attack accuses, how many truly are members, at three shares of members. */
export function precisionTable({ attacks, verdict }: MembershipReport, labels: readonly string[]): Html | null {
  const primary = rows(attacks, labels).find(({ result }) => result.primary);
  if (primary === undefined || verdict === 'invalid') return null;
  return dataTable(
    html`Of the records ${primary.label} accuses, how many truly are members? It depends on how many members there are among those an attacker tries. Ranges take both rates at the ends of their intervals.`,
    primary.result.tprAtFpr,
    [
      { header: 'Allowed false positive rate', rowHeader: true, cell: ({ fpr }) => formatPercent(fpr) },
      ...priors.map((prior) => ({
        header: `${formatOneIn(prior)} is a member`,
        cell: ({ measured, realisedFpr }: AttackResult['tprAtFpr'][number]) =>
          precisionCell(measured, realisedFpr, prior),
      })),
    ],
  );
}

function precisionCell(tpr: Measured, fpr: Measured, prior: number): Html {
  const range = precisionAtPrior(tpr, fpr, prior);
  if (range === null) {
    const missing = [tpr, fpr].find((rate) => rate.status === 'notMeasured');
    return missing === undefined
      ? html`<span class="unmeasured"><b>not measured</b> <span class="how">the attack accuses nobody at this rate</span></span>`
      : measuredCell(missing, 'rate');
  }
  const { value, low, high } = writeNumber('rate', range);
  return html`<span class="measured"><b>${value}</b> <span class="interval">(${low} to ${high})</span></span>`;
}
