import { type AttackResult, type MembershipReport, priors } from '@engram/contract';
import { intervalMark } from '../charts/interval-mark.js';
import { seriesClass } from '../charts/series.js';
import { type Content, type Html, html } from '../markup/html.js';
import { formatCount, formatOneIn, formatPercent, writePValue } from '../numbers/format-number.js';
import { measuredCell, measuredPhrase } from '../numbers/measured-cell.js';
import { attackIdea } from '../words/attacks.js';
import { chartedAttacks } from './charted-attacks.js';
import { type Column, dataTable, foldedTable } from './data-table.js';

interface Row {
  readonly result: AttackResult;
  readonly label: string;
  /** Its series in the pictures; -1 when it is not drawn. */
  readonly series: number;
}

/** The attacks drawn in the pictures first, then the others in the order of the report. */
function ordered(attacks: readonly AttackResult[], labels: readonly string[]): Row[] {
  const charted = chartedAttacks(attacks);
  const rest = [...attacks.keys()].filter((i) => !charted.includes(i));
  return [...charted, ...rest].map((i) => ({
    result: attacks[i],
    label: labels[i],
    series: charted.indexOf(i),
  }));
}

function isTest({ result }: Row): boolean {
  return result.ranks === undefined;
}

function attackCell({ result, label, series }: Row): Html {
  const role =
    result.ranks === 'vulnerability'
      ? 'ranks members, no test of membership'
      : result.primary
        ? 'primary'
        : 'exploratory';
  const models =
    result.referenceModels > 0 ? `, ${formatCount(result.referenceModels)} reference models` : ', no reference models';
  return html`${
    series < 0 ? null : html`<span class="swatch ${seriesClass(series)}" aria-hidden="true"></span>`
  }${label} <span class="how">${role}${models} <code>${result.scoreId}</code></span>`;
}

const attackColumn: Column<Row> = { header: 'Attack', rowHeader: true, width: 28, cell: attackCell };

/** Attacks in the pictures in sight, the others behind a disclosure. */
function attacksTable(caption: Content, rows: readonly Row[], columns: readonly Column<Row>[]): Content {
  return foldedTable(caption, rows, columns, {
    inSight: rows.filter(({ series }) => series >= 0).length,
    more: (count) => `${formatCount(count)} more ${count === 1 ? 'attack' : 'attacks'}`,
  });
}

/**
 * AUC of every attack beside its control, with the blind baseline next to it unless that passed. What ranks members has a
 * table of its own.
 */
export function attackTable({ attacks, gates }: MembershipReport, labels: readonly string[]): Content {
  const blind = gates.find(({ gate }) => gate === 'blindBaseline');
  const showBlind = blind !== undefined && blind.outcome !== 'pass' && blind.measured.status === 'measured';
  const columnsFrom = (from: number, aucCell: (result: AttackResult) => Content): Column<Row>[] => [
    attackColumn,
    { header: 'AUC', width: 21, cell: ({ result }) => aucCell(result) },
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
            : html`<span class="measured">${writePValue(p)}</span>`
        }${showBlind ? html` <span class="how">blind AUC: ${measuredCell(blind.measured, 'auc')}</span>` : null}`,
    },
    {
      header: `${from} to 1; hollow: control`,
      cell: ({ result: { auc, control } }) => intervalMark(auc, { from, to: 1, reference: 0.5, control }),
    },
  ];
  const rows = ordered(attacks, labels);
  return [
    attacksTable(
      'AUC of each attack: 0.5 is guessing (the dashed line), 1 is certainty',
      rows.filter(isTest),
      columnsFrom(0.4, ({ auc }) => measuredCell(auc, 'auc')),
    ),
    dataTable(
      'Rankings, set apart: they order members by how exposed they are, accuse nobody, and have no part in the verdict',
      rows.filter((row) => !isTest(row)),
      columnsFrom(0, rankingCell),
    ),
  ];
}

/** AUC of a ranking, with what it goes by and what that number is not. */
function rankingCell({ attack, auc }: AttackResult): Html {
  const idea = attackIdea(attack);
  return html`${measuredCell(auc, 'auc')} <span class="how">${idea === null ? null : `It ${idea}. `}${
    auc.status === 'measured' && auc.high < 0.5
      ? 'Below 0.5: non-members rank above members, as the model errs most on what it was not trained on. '
      : null
  }No sign of a leak or of safety: a non-member’s value is not what it would have been as a member.</span>`;
}

/** More rates than this side by side would not fit a page. */
const ratesAcross = 3;

/** Members found at each false positive rate asked for, and the rate of false accusations really made there. */
export function ratesTables({ attacks }: MembershipReport, labels: readonly string[]): Content {
  const asked = [...new Set(attacks.flatMap(({ tprAtFpr }) => tprAtFpr.map(({ fpr }) => fpr)))].sort((a, b) => b - a);
  const lines = ordered(attacks, labels).filter(isTest);
  const tables: Content[] = [];
  for (let from = 0; from < asked.length; from += ratesAcross)
    tables.push(ratesTable(lines, asked.slice(from, from + ratesAcross)));
  return [...tables, cautions(attacks, asked)];
}

function ratesTable(lines: readonly Row[], rates: readonly number[]): Content {
  return attacksTable('Members found, with the false positive rate held to at most', lines, [
    attackColumn,
    ...rates.map((fpr) => ({
      header: `${formatPercent(fpr)} (${formatOneIn(fpr) ?? 'all'})`,
      cell: ({ result }: Row) => {
        const rate = result.tprAtFpr.find((entry) => entry.fpr === fpr);
        if (rate === undefined)
          return html`<span class="unmeasured"><b>not measured</b> <span class="how">this rate was not asked of this attack</span></span>`;
        return html`${measuredCell(rate.measured, 'rate')} <span class="how realised">Non-members accused: ${measuredPhrase(rate.realisedFpr, 'rate')}</span> <span class="how">${thresholdWords[rate.threshold]} At exactly this rate: ${measuredPhrase(rate.height, 'rate')}.${
          rate.adjustedPValue === null ? null : ` ${writePValue(rate.adjustedPValue)} after correction.`
        }</span>`;
      },
    })),
  ]);
}

const thresholdWords = {
  calibration: 'Threshold from calibration samples.',
  nonMembers: 'Threshold from these non-members (in-sample).',
} as const;

/** What does not depend on a rate asked for: the far end of the ranking, the best threshold, and the comparisons. */
export function comparisonTable({ attacks }: MembershipReport, labels: readonly string[]): Content {
  return attacksTable(
    'Beyond the AUC: the surest accusations, the best threshold, and each attack against others',
    ordered(attacks, labels).filter(isTest),
    [
      { ...attackColumn, width: 22 },
      {
        header: 'Members above every non-member',
        width: 16,
        cell: ({ result: { aboveAllNonMembers } }) =>
          html`${measuredCell(aboveAllNonMembers.measured, 'rate')} <span class="how">false positive rate at most ${formatPercent(aboveAllNonMembers.certifiedFpr)}</span>`,
      },
      {
        header: 'Advantage and balanced accuracy',
        width: 19,
        cell: ({ result: { advantage } }) =>
          html`${measuredCell(advantage.advantage, 'number')} <span class="how">balanced accuracy ${measuredPhrase(advantage.balancedAccuracy, 'rate')}; the threshold was chosen on the other half</span>`,
      },
      {
        header: 'Against chance',
        width: 13,
        cell: ({ result }) =>
          html`${writePValue(result.pValue)} <span class="how">${result.primary ? 'named beforehand' : `${writePValue(result.adjustedPValue)} after correction`}</span>`,
      },
      {
        header: 'AUC less that of the primary',
        width: 15,
        cell: ({ result: { againstPrimary, primary } }) =>
          againstPrimary === null
            ? primary
              ? 'this is the primary attack'
              : 'not compared'
            : html`${measuredCell(againstPrimary.difference, 'gap')} <span class="how">${writePValue(againstPrimary.pValueTwoSided)}</span>`,
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
export function precisionTable({ attacks, verdict }: MembershipReport, labels: readonly string[]): Content {
  if (verdict === 'invalid') return null;
  const lines = ordered(attacks, labels)
    .filter(isTest)
    .flatMap((row) => row.result.tprAtFpr.map((point) => ({ row, point })));
  return foldedTable(
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
    {
      inSight: Math.max(1, lines.filter(({ row }) => row.result.primary).length),
      more: () => 'The same for the exploratory attacks',
      kind: 'compact',
    },
  );
}
