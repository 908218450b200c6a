import type { MembershipReport } from '@engram/contract';
import { figure } from '../charts/plot.js';
import { rocChart } from '../charts/roc-chart.js';
import { histogramLegend, scoreHistogram } from '../charts/score-histogram.js';
import { seriesLegend } from '../charts/series.js';
import { type Content, type Html, html } from '../markup/html.js';
import { formatCount, formatOneIn, formatPercent } from '../numbers/format-number.js';
import { measuredPhrase } from '../numbers/measured-cell.js';
import { attackIdea, attackLabels, attackName } from '../words/attacks.js';
import { attackTable, comparisonTable, precisionTable, ratesTables } from './attack-tables.js';
import { limitsList, section, settingsList, verdictBadge } from './blocks.js';
import { dataTable } from './data-table.js';
import { gateCards } from './gates.js';
import { membershipDetails } from './membership-details.js';

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
    attacks.length === 0 ? null : evidence(report, labels),
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
  const { attacks, nonMembers } = report;
  const primary = attacks.find((attack) => attack.primary);
  const series = attacks.map((result, i) => ({ label: labels[i], result }));
  return [
    html`<h3>How well each attack tells them apart</h3>`,
    html`<div class="figures">${figure({
      legend: seriesLegend(
        series.map(({ label, result }, index) => ({ index, label, ...(result.primary ? { note: 'primary' } : {}) })),
      ),
      picture: rocChart('roc', series, nonMembers),
      caption: html`${report.verdict === 'invalid' ? 'Not evidence about the model: the two groups differ by more than training.' : 'Higher is worse: more members found for the same number of wrong accusations.'} Both axes are logarithmic, because what matters is on the left, where an accusation can be trusted. The diagonal is guessing. ${
        primary === undefined ? null : 'The band around the primary attack is its interval, point by point. '
      }Marks with whiskers are at the rates asked for, set side by side to be seen. In the shaded part not even one non-member is accused.`,
    })}<figure>${histogramLegend()}<div class="small-multiples narrow">${attacks.map(({ histogram }, i) => scoreHistogram(`scores-${i}`, labels[i], histogram))}</div><figcaption>Scores of members and of non-members, as shares of each group. Where the two part, the attack tells them apart; at low false positive rates only the right-hand tail counts.</figcaption></figure></div>`,
    attackTable(report, labels),
    ratesTables(report, labels),
    comparisonTable(report, labels),
    precisionTable(report, labels),
    membershipDetails(report),
  ];
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
  const { accuracyMembers, accuracyNonMembers } = target;
  const share = (value: number | null, without: string) =>
    value === null ? `not measured ${without}` : formatPercent(value);
  return html`<h3>The models</h3><div class="columns"><div><h4>The audited model</h4><p>Accuracy on members: ${measuredPhrase(accuracyMembers, 'rate')}. On non-members: ${measuredPhrase(accuracyNonMembers, 'rate')}. The further the two are apart, the more there is for an attack to see.</p></div><div><h4>Reference models</h4>${
    referenceModels === null
      ? html`<p>None: attacks that compare the model with others like it could not be used.</p>`
      : html`<p>${formatCount(referenceModels.count)} models. ${recipeOrigins[referenceModels.recipeFrom]} Their mean accuracy on what they were trained on is ${share(referenceModels.accuracyIn, 'on it')}, on what they were not ${share(referenceModels.accuracyOut, 'on it')}. The more they differ from the audited model here, the less they tell about it.</p>${settingsDisclosure(referenceModels.recipe)}`
  }</div></div>`;
}

function settingsDisclosure(recipe: Parameters<typeof settingsList>[0]): Html | null {
  const list = settingsList(recipe);
  return list === null ? null : html`<details><summary>The recipe they were trained by</summary>${list}</details>`;
}
