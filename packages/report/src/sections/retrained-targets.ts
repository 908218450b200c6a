import type { MembershipReport } from '@engram/contract';
import { type IntervalRow, intervalChart } from '../charts/interval-chart.js';
import { figure } from '../charts/plot.js';
import { type Content, type Html, html } from '../markup/html.js';
import { formatCount, formatFixed, formatOneIn, formatPercent } from '../numbers/format-number.js';
import { measuredCell, measuredPhrase } from '../numbers/measured-cell.js';
import type { Quantity } from '../numbers/quantity.js';
import { briefAttackLabels } from '../words/attacks.js';
import { mostCharted } from './charted-attacks.js';
import { dataTable, foldedTable } from './data-table.js';
import { foldedIds } from './folded-ids.js';

type Retrained = NonNullable<MembershipReport['retrainedTargets']>;
type Attack = Retrained['attacks'][number];
type Beside = Attack['auc'];

/** One run of a recipe is one draw: what the attacks find in other runs, and whom they flag in most of them. */
export function retrainedTargets(report: MembershipReport, labels: readonly string[]): Content {
  const { retrainedTargets: retrained, attacks } = report;
  if (retrained === undefined) return null;
  const named = (names: readonly string[]) => (scoreId: string) =>
    names[attacks.findIndex((attack) => attack.scoreId === scoreId)] ?? scoreId;
  const nameOf = named(labels);
  return [
    html`<h3>Other runs of the same training: how much was chance?</h3>`,
    html`<div class="figures"><div>${introduction(retrained)}${flagged(retrained, nameOf)}</div>${picture(retrained, named(briefAttackLabels(attacks)))}</div>`,
    table(retrained, nameOf),
    accuracies(retrained),
    leftOut(retrained, nameOf),
  ];
}

function introduction({ count, outsideByChance, attacks }: Retrained): Html {
  const primary = attacks.find((attack) => attack.primary);
  const place =
    primary === undefined || primary.auc.outside === null
      ? ''
      : ` The AUC of the primary attack on the audited model lies ${primary.auc.outside ? 'outside' : 'inside'} their range.`;
  return html`<p>${formatCount(count)} models were trained anew on the members, as the audited one was but from other seeds, and attacked like it. What differs between them is chance in training, which the intervals elsewhere, over records, say nothing of.${place} The chance that one more run of the recipe lies outside it is ${formatPercent(outsideByChance)}.</p>`;
}

function flagged({ flags, count }: Retrained, nameOf: (scoreId: string) => string): Content {
  if (flags === null) return null;
  const { reliablyExposed, needed, fpr, share, nonMembers, flaggedOnAudited, reproduced, sampleIds } = flags;
  return [
    html`<p><b>${formatCount(reliablyExposed)} ${reliablyExposed === 1 ? 'member' : 'members'}</b> ${reliablyExposed === 1 ? 'is' : 'are'} reliably exposed: ${nameOf(flags.scoreId)}, allowed to accuse ${formatOneIn(fpr) ?? formatPercent(fpr)} non-members wrongly, flags them in at least ${formatCount(needed)} of ${formatCount(count)} models.</p>`,
    html`<ul class="in-words"><li>That is ${measuredPhrase(share, 'rate')} of the members; of the non-members the same rule flags ${measuredPhrase(nonMembers, 'rate')}.</li><li>On the audited model alone ${formatCount(flaggedOnAudited)} members are flagged. ${
      flaggedOnAudited === 0
        ? html`None of them can be looked for in other runs: ${measuredPhrase(reproduced, 'rate')}.`
        : html`Of these ${measuredPhrase(reproduced, 'rate')} are among the reliably exposed; the others may owe it to this one run.`
    }</li></ul>`,
    foldedIds(
      sampleIds,
      `${formatCount(sampleIds.length)}${sampleIds.length < reliablyExposed ? ` of ${formatCount(reliablyExposed)}` : ''} reliably exposed, the most often flagged first`,
    ),
  ];
}

/** Under each audited number the range of the retrained: at most as many attacks as in the other pictures. */
function picture({ attacks }: Retrained, nameOf: (scoreId: string) => string): Html | null {
  const drawn = [...attacks].sort((a, b) => Number(b.primary) - Number(a.primary)).slice(0, mostCharted);
  const rows = drawn.flatMap(({ scoreId, auc }, series) => [
    ...row(nameOf(scoreId), auc.audited, series, false),
    ...row('retrained', auc.retrained, series, true),
  ]);
  if (rows.length === 0) return null;
  return figure({
    picture: intervalChart({
      id: 'retrained',
      title: 'AUC on the audited model and on retrained ones',
      yTitle: 'attack',
      xTitle: 'AUC',
      format: (value) => formatFixed(value, 2),
      references: [{ at: 0.5, label: 'guessing' }],
      rows,
    }),
    caption:
      'Filled: the audited model, with the interval over records. Hollow, under it: the median of the retrained models, with the least and the largest.',
  });
}

function row(label: string, measured: Beside['audited'], series: number, hollow: boolean): IntervalRow[] {
  if (measured.status !== 'measured') return [];
  const { value, low, high } = measured;
  return [{ label, value, low, high, series, hollow }];
}

function table({ attacks }: Retrained, nameOf: (scoreId: string) => string): Content {
  return foldedTable(
    'Each attack on the audited model and on those retrained: median, least and largest',
    attacks,
    [
      {
        header: 'Attack',
        rowHeader: true,
        cell: ({ scoreId, primary }) =>
          html`${nameOf(scoreId)} <span class="how">${primary ? 'primary' : 'exploratory'} <code>${scoreId}</code></span>`,
      },
      { header: 'AUC', cell: ({ auc }) => beside(auc, 'auc') },
      {
        header: 'Members found',
        cell: ({ tprAtFpr }) =>
          tprAtFpr.length === 0
            ? html`<span class="how">too few non-members for the rates asked for</span>`
            : tprAtFpr.map((rate) => html`<div>at ${formatPercent(rate.fpr)}: ${beside(rate, 'rate')}</div>`),
      },
    ],
    { inSight: 1, more: (count) => `${formatCount(count)} more ${count === 1 ? 'attack' : 'attacks'}` },
  );
}

function beside({ audited, retrained, outside }: Beside, quantity: Quantity): Html {
  const verdict =
    outside === null ? null : html` <span class="how">${outside ? 'outside' : 'within'} the range of the others</span>`;
  return html`${measuredCell(audited, quantity)}${verdict}<div>retrained: ${measuredCell(retrained, quantity)}</div>`;
}

function accuracies({ accuracyMembers, accuracyNonMembers }: Retrained): Html | null {
  const rows = [
    { of: 'members', numbers: accuracyMembers },
    { of: 'non-members', numbers: accuracyNonMembers },
  ].flatMap(({ of, numbers }) => (numbers === null ? [] : [{ of, numbers }]));
  return dataTable(
    'Are they models like the audited one? What they get right',
    rows,
    [
      { header: 'Accuracy on', rowHeader: true, cell: ({ of }) => of },
      { header: 'Audited and retrained', cell: ({ numbers }) => beside(numbers, 'rate') },
    ],
    'compact',
  );
}

function leftOut({ leftOut: attacks }: Retrained, nameOf: (scoreId: string) => string): Html | null {
  if (attacks.length === 0) return null;
  const reasons = [...new Set(attacks.map(({ reason }) => reason))];
  const groups = reasons.map((reason) => {
    const names = attacks.filter((one) => one.reason === reason).map(({ attack }) => nameOf(attack));
    return `${names.join('; ')} (${reason})`;
  });
  return html`<p class="aside">Not run on the retrained models: ${groups.join('. ')}.</p>`;
}
