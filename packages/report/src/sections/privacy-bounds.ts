import type { PrivacyBoundsReport } from '@engram/contract';
import { type IntervalRow, intervalChart } from '../charts/interval-chart.js';
import { figure } from '../charts/plot.js';
import { type Content, type Html, html } from '../markup/html.js';
import { epsilonCell, formatEpsilon } from '../numbers/epsilon-cell.js';
import { formatCount, formatPercent, formatSignificant } from '../numbers/format-number.js';
import { attackLabel } from '../words/attacks.js';
import { epsilonMethodNames, validityWords } from '../words/epsilon-methods.js';
import { limitsList, section, settingsList, verdictBadge } from './blocks.js';
import { dataTable } from './data-table.js';
import { gateCard } from './gates.js';

type Bound = PrivacyBoundsReport['bounds'][number];

/** How much does the model surely give away about its training? Lower bounds on epsilon, and what they rule out. */
export function privacyBoundsSection(report: PrivacyBoundsReport): Html {
  const { verdict, statement, gates, bounds, limits } = report;
  return section(
    'privacy-bounds',
    html`Privacy: how much is surely given away? ${verdictBadge(verdict)}`,
    html`<p class="lead">${statement}</p>`,
    inWords(report),
    verdict === 'invalid'
      ? html`<p class="warning"><b>Do not read the numbers below as bounds.</b> A control failed: chance did not decide which canaries were trained on, so they may differ by more than that.</p>`
      : null,
    html`<p class="warning"><b>A low bound is never evidence of privacy.</b> It says what these canaries, this attack and this many guesses could show. The truth may be anything above it.</p>`,
    gates.length === 0
      ? null
      : html`<h3>Controls: did coins decide which canaries were trained on?</h3><div class="cards gates">${gates.map(gateCard)}</div>`,
    bounds.length === 0 ? null : boundsPart(report),
    verdict === 'invalid' ? null : ceilingsPart(bounds),
    limitsList(limits),
  );
}

function inWords({
  design,
  included,
  leftOut,
  delta,
  significance,
  claimedEpsilon,
  score,
  bounds,
}: PrivacyBoundsReport): Html {
  const canaries =
    design === 'oneRun'
      ? `${formatCount(included + leftOut)} canaries, samples planted on purpose, took part in one training run: ${formatCount(included)} were trained on, ${formatCount(leftOut)} left out.`
      : `${formatCount(included + leftOut)} models were trained one by one, ${formatCount(included)} with a canary and ${formatCount(leftOut)} without it.`;
  const rest = bounds.find(({ primary }) => primary);
  return html`<ul class="in-words"><li>${canaries} The attack “${attackLabel(score)}” <code>${score.scoreId}</code> says how surely each was trained on.</li><li>Epsilon is the promise of differential privacy: whatever anyone finds out is at most e<sup>epsilon</sup> times likelier because a record was in the training set, but for a failure of probability delta, here ${formatSignificant(delta)}. 0 is perfect privacy; every 0.7 doubles the odds.</li><li>${
    claimedEpsilon === null
      ? 'No epsilon was claimed for this training.'
      : `An epsilon of ${formatSignificant(claimedEpsilon)} was claimed for this training; a bound above it refutes the claim.`
  }${rest === undefined ? null : ` The verdict rests on “${epsilonMethodNames[rest.method].toLowerCase()}” alone, named before the run.`} A bound is above the truth with a probability of at most ${formatPercent(significance)}.</li></ul>`;
}

function boundsPart({ bounds, claimedEpsilon }: PrivacyBoundsReport): Content {
  const rows = bounds.flatMap(rowOf);
  return [
    html`<h3>The bounds, and numbers that are none</h3>`,
    rows.length === 0
      ? null
      : html`<div class="figures">${figure({
          legend: html`<ul class="legend"><li class="series-0"><svg viewBox="0 0 34 12" width="34" height="12" aria-hidden="true"><path class="whisker" d="M6 6H32m-5 -4l5 4l-5 4"/><circle class="dot" cx="6" cy="6" r="4"/></svg><span>bound: at least this</span></li><li class="series-5"><svg viewBox="0 0 34 12" width="34" height="12" aria-hidden="true"><path class="whisker" d="M2 6H32"/><circle class="hollow" cx="17" cy="6" r="4"/></svg><span>no bound</span></li><li><svg viewBox="0 0 12 14" width="12" height="14" aria-hidden="true"><path class="attainable" d="M6 0V14"/></svg><span>most that could have been shown</span></li></ul>`,
          picture: intervalChart({
            id: 'epsilon',
            title: 'Lower bounds on epsilon by method',
            yTitle: 'method',
            xTitle: 'epsilon',
            format: (value) => formatSignificant(value, 3),
            include: [0],
            ...(claimedEpsilon === null ? {} : { references: [{ at: claimedEpsilon, label: 'claimed' }] }),
            rows,
          }),
          caption:
            'An arrow means that epsilon is at least the filled dot and may be anything to the right of it. Hollow marks are estimates or intervals under further assumptions: they show what to expect and prove nothing. The largest number of the picture is no bound at the stated confidence, because it was picked.',
        })}<div>${dataTable(
          'What every method assumes',
          bounds,
          [
            {
              header: 'Method',
              rowHeader: true,
              width: 34,
              cell: ({ method, valid, primary }) =>
                html`${epsilonMethodNames[method]} <span class="how">${primary ? html`<b>the verdict rests on it</b>; ` : null}${validityWords[valid]}</span>`,
            },
            {
              header: 'Assumes',
              cell: ({ assumes }) =>
                assumes.length === 0 ? 'nothing further' : assumes.map((one) => html`<div>${one}</div>`),
            },
          ],
          'compact',
        )}</div></div>`,
    dataTable('Epsilon by method', bounds, [
      {
        header: 'Method',
        rowHeader: true,
        width: 24,
        cell: ({ method, valid, primary }) =>
          html`${epsilonMethodNames[method]} <span class="how">${primary ? 'primary; ' : null}${validityWords[valid]}</span>`,
      },
      { header: 'Epsilon', width: 24, cell: ({ epsilon }) => epsilonCell(epsilon) },
      {
        header: 'At delta',
        width: 10,
        cell: ({ delta }) => formatSignificant(delta),
      },
      {
        header: 'How it follows',
        cell: ({ statement, attainable, details }) => {
          const list = settingsList(details);
          return html`${statement}${attainable === null ? null : html` <span class="how">With every guess right it would have been ${formatEpsilon(attainable)}.</span>`}${list === null ? null : html`<details><summary>Counts</summary>${list}</details>`}`;
        },
      },
    ]),
  ];
}

function rowOf({ method, epsilon, kind, attainable }: Bound): IntervalRow[] {
  if (epsilon.status === 'notMeasured') return [];
  const { value, low, high, direction } = epsilon;
  const bound = kind === 'lowerBound';
  return [
    {
      label: epsilonMethodNames[method],
      value,
      low,
      high: direction === 'lowerBound' ? null : high,
      hollow: !bound,
      series: bound ? 0 : 5,
      ...(attainable === null ? {} : { attainable }),
    },
  ];
}

function ceilingsPart(bounds: readonly Bound[]): Content {
  const told = bounds.flatMap(({ method, primary, ceilings, epsilon, delta }) =>
    ceilings === null || epsilon.status === 'notMeasured' ? [] : [{ method, primary, delta, epsilon, ceilings }],
  );
  if (told.length === 0) return null;
  const first = told.find(({ primary }) => primary) ?? told[0];
  const rates = [...new Set(told.flatMap(({ ceilings }) => ceilings.tprAtFpr.map(({ fpr }) => fpr)))].sort(
    (a, b) => b - a,
  );
  return [
    html`<h3>What can no longer be promised</h3>`,
    html`<p>A promise of differential privacy caps every attack there is. Since epsilon is at least ${formatEpsilon(first.epsilon.value)}, nobody can promise that attacks stay below these rates: a guess on a fair coin may be right ${formatPercent(first.ceilings.accuracy)} of the time.</p>`,
    dataTable(
      'The lowest caps any honest promise could still give',
      told,
      [
        {
          header: 'Bound',
          rowHeader: true,
          cell: ({ method, epsilon, delta }) =>
            html`${epsilonMethodNames[method]} <span class="how">epsilon at least ${formatEpsilon(epsilon.value)} at delta ${formatSignificant(delta)}</span>`,
        },
        { header: 'Right guesses', cell: ({ ceilings }) => formatPercent(ceilings.accuracy) },
        { header: 'Advantage', cell: ({ ceilings }) => formatSignificant(ceilings.advantage) },
        ...rates.map((fpr) => ({
          header: `Members found at ${formatPercent(fpr)} wrongly accused`,
          cell: ({ ceilings }: (typeof told)[number]) => {
            const at = ceilings.tprAtFpr.find((one) => one.fpr === fpr);
            return at === undefined ? 'not told' : formatPercent(at.tpr);
          },
        })),
      ],
      'compact',
    ),
  ];
}
