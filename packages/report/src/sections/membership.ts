import type { AttackResult, MembershipReport } from '@engram/contract';
import { intervalChart } from '../charts/interval-chart.js';
import { figure } from '../charts/plot.js';
import { rocChart } from '../charts/roc-chart.js';
import { histogramLegend, scoreHistogram } from '../charts/score-histogram.js';
import { seriesLegend } from '../charts/series.js';
import { type Content, type Html, html } from '../markup/html.js';
import { formatCount, formatFixed, formatOneIn, formatPercent } from '../numbers/format-number.js';
import { measuredPhrase } from '../numbers/measured-cell.js';
import { attackIdea, attackLabels, attackName, briefAttackLabels } from '../words/attacks.js';
import { attackTable, comparisonTable, precisionTable, ratesTables } from './attack-tables.js';
import { blindBaselinePart } from './blind-baseline.js';
import { limitsList, section, settingsList, verdictBadge } from './blocks.js';
import { certifiedMembers } from './certified-members.js';
import { chartedAttacks } from './charted-attacks.js';
import { dataTable } from './data-table.js';
import { exposedSamples } from './exposed-samples.js';
import { gateCards } from './gates.js';
import { lossTailTable } from './loss-tail.js';
import { slicesPart } from './membership-slices.js';
import { retrainedTargets } from './retrained-targets.js';
import { tracedMembers } from './traced-members.js';

/** Can an outsider tell which records the model was trained on? Words, controls, curves, then the full numbers. */
export function membershipSection(report: MembershipReport): Html {
  const { attacks, members, nonMembers, gates, limits, verdict } = report;
  const labels = attackLabels(attacks);
  return section(
    'membership',
    html`Membership: can it be told what the model was trained on? ${verdictBadge(verdict)}`,
    html`<p class="lead">${report.statement}</p>`,
    inWords(report, labels),
    html`<p class="aside">Judged on ${formatCount(members)} members and ${formatCount(nonMembers)} non-members.</p>`,
    html`<h3>Controls: may these numbers be believed?</h3>`,
    gateCards(gates),
    blindBaselinePart(report),
    attacks.length === 0 ? null : evidence(report, labels),
    certifiedMembers(report, labels),
    tracedMembers(report),
    slicesPart(report),
    exposedSamples(report),
    retrainedTargets(report, labels),
    skippedTable(report),
    aboutModels(report),
    limitsList(limits),
  );
}

/** The primary attack's numbers as sentences; for an invalid comparison, what they must not be read as. */
function inWords({ verdict, attacks }: MembershipReport, labels: readonly string[]): Content {
  if (verdict === 'invalid')
    return html`<p class="warning"><b>Do not read the numbers below as a leak.</b> A control failed, so they compare two kinds of data, not trained-on with never-seen. They are printed so that the fault can be found.</p>`;
  const at = attacks.findIndex(({ primary }) => primary);
  if (at < 0) return null;
  const { attack, auc, tprAtFpr } = attacks[at];
  const idea = attackIdea(attack);
  const sentences = [
    `${labels[at]} was named before the run as the attack that counts${idea === null ? '' : `; it ${idea}`}.`,
    ...(auc.status === 'measured'
      ? [
          `Shown one member and one non-member, it picks the member ${Math.round(auc.value * 100)} times in 100; guessing would pick it 50 times.`,
        ]
      : []),
    ...tprAtFpr.flatMap(({ fpr, measured }) =>
      measured.status === 'measured'
        ? [
            `Allowed to accuse ${formatOneIn(fpr) ?? formatPercent(fpr)} non-members wrongly, it finds ${measuredPhrase(measured, 'rate')} of the members; guessing would find ${formatPercent(fpr)}.`,
          ]
        : [],
    ),
  ];
  return html`<ul class="in-words">${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>`;
}

function evidence(report: MembershipReport, labels: readonly string[]): Content {
  return [
    html`<h3>How well each attack tells them apart</h3>`,
    pictures(report, labels),
    attackTable(report, labels),
    ratesTables(report, labels),
    comparisonTable(report, labels),
    precisionTable(report, labels),
    lossTailTable(report),
  ];
}

/** At most six attacks as curves and histograms; the AUC of all of them when there are more. */
function pictures({ attacks, nonMembers, verdict }: MembershipReport, labels: readonly string[]): Content {
  const charted = chartedAttacks(attacks);
  const tests = attacks.filter(({ ranks }) => ranks === undefined).length;
  const others = [...attacks.keys()].filter((i) => !charted.includes(i));
  const series = charted.map((i) => ({ label: labels[i], result: attacks[i] }));
  const many = tests > charted.length;
  const brief = briefAttackLabels(attacks);
  const histogramOf = (i: number) => scoreHistogram(`scores-${i}`, brief[i], attacks[i].histogram);
  const histograms = html`<div><figure>${histogramLegend()}${
    charted.length === 0 ? null : html`<div class="small-multiples narrow">${charted.map(histogramOf)}</div>`
  }<figcaption>Scores of members and of non-members, as shares of each group. Where the two part, the attack tells them apart; at low false positive rates only the right-hand tail counts.</figcaption></figure>${
    others.length === 0
      ? null
      : html`<details class="more"><summary>Scores of ${formatCount(others.length)} more ${others.length === 1 ? 'attack' : 'attacks'}</summary><div class="small-multiples narrow">${others.map(histogramOf)}</div></details>`
  }</div>`;
  return html`<div class="figures">${
    series.length === 0
      ? null
      : figure({
          legend: seriesLegend(
            series.map(({ label, result }, index) => ({
              index,
              label,
              ...(result.primary ? { note: 'primary' } : {}),
            })),
          ),
          picture: rocChart('roc', series, nonMembers),
          caption: html`${verdict === 'invalid' ? 'Not evidence about the model: the two groups differ by more than training.' : 'Higher is worse: more members found for the same number of wrong accusations.'} Both axes are logarithmic, because what matters is on the left, where an accusation can be trusted. The diagonal is guessing. ${
            series.some(({ result }) => result.primary)
              ? 'The band around the primary attack is its interval, point by point. '
              : null
          }Marks with whiskers are at the rates asked for, set side by side to be seen. In the shaded part not even one non-member is accused.${
            many
              ? ` Of ${formatCount(tests)} attacks the primary one, the plain loss and the strongest others are drawn.`
              : null
          }`,
        })
  }${many ? allAucs(attacks, brief) : histograms}</div>${many ? histograms : null}`;
}

function allAucs(attacks: readonly AttackResult[], labels: readonly string[]): Html | null {
  const rows = attacks
    .flatMap(({ auc, ranks, primary }, i) =>
      auc.status === 'measured' && ranks === undefined ? [{ label: labels[i], ...auc, hollow: !primary }] : [],
    )
    .sort((a, b) => b.value - a.value);
  if (rows.length === 0) return null;
  return figure({
    picture: intervalChart({
      id: 'aucs',
      title: 'AUC of every attack',
      yTitle: 'attack, largest AUC first',
      xTitle: 'AUC',
      format: (value) => formatFixed(value, 2),
      references: [{ at: 0.5, label: 'guessing' }],
      rows,
    }),
    caption: 'Filled: the primary attack. The others are exploratory: the largest of many is partly luck.',
  });
}

function skippedTable({ skipped }: MembershipReport): Html | null {
  return dataTable('Attacks asked for that could not run', skipped, [
    { header: 'Attack', rowHeader: true, cell: ({ attack }) => attackName(attack) },
    { header: 'Why', cell: ({ code, reason }) => html`${reason} <code>${code}</code>` },
  ]);
}

const recipeOrigins = {
  request: 'The recipe was given in the request.',
  manifest: 'The recipe is the one the model was uploaded with.',
  default: 'No recipe was known, so a default was used: the attacks are weaker than they could be.',
  given: 'Their outputs were part of the data.',
} as const;

function aboutModels({ referenceModels, target }: MembershipReport): Content {
  const { accuracyMembers, accuracyNonMembers, labelsAlone } = target;
  return html`<h3>The models</h3><div class="columns"><div><h4>The audited model</h4><p>Accuracy on members: ${measuredPhrase(accuracyMembers, 'rate')}. On non-members: ${measuredPhrase(accuracyNonMembers, 'rate')}. The further the two are apart, the more there is for an attack to see.</p>${labelsAlone ? html`<p>Labels only: which class it says was all that was read of it. Whoever is shown probabilities may find more.</p>` : null}</div><div><h4>Reference models</h4>${
    referenceModels === null
      ? html`<p>None: attacks that compare the model with others like it could not be used.</p>`
      : html`<p>${formatCount(referenceModels.count)} models. ${recipeOrigins[referenceModels.recipeFrom]}${theirAccuracy(referenceModels)}</p>${settingsDisclosure(referenceModels.recipe)}`
  }</div></div>`;
}

/** Nothing of regressions, which are right or wrong about none. */
function theirAccuracy({ accuracyIn, accuracyOut }: NonNullable<MembershipReport['referenceModels']>): string | null {
  if (accuracyIn === null && accuracyOut === null) return null;
  const share = (value: number | null) => (value === null ? 'not measured on it' : formatPercent(value));
  return ` Their mean accuracy on what they were trained on is ${share(accuracyIn)}, on what they were not ${share(accuracyOut)}. The more they differ from the audited model here, the less they tell about it.`;
}

function settingsDisclosure(recipe: Parameters<typeof settingsList>[0]): Html | null {
  const list = settingsList(recipe);
  return list === null ? null : html`<details><summary>The recipe they were trained by</summary>${list}</details>`;
}
