import type { Report } from '@engram/contract';
import { type Html, html } from '../markup/html.js';
import { nextSteps } from '../words/next-steps.js';
import { verdictSentence } from '../words/verdicts.js';
import { adviceList, verdictBadge } from './blocks.js';

/** What was audited, what it came to in one sentence, what each test came to, and what to do next. */
export function verdictBanner(report: Report): Html {
  const { membership, extraction, unlearningDifficulty, privacyBounds, memorization, labelMemorization } = report;
  const tests: (Html | null)[] = [
    membership === null
      ? null
      : html`<li><a href="#membership">Membership</a> ${verdictBadge(membership.verdict)} <span>${membership.statement}</span></li>`,
    privacyBounds === undefined
      ? null
      : html`<li><a href="#privacy-bounds">Privacy bounds</a> ${verdictBadge(privacyBounds.verdict)} <span>${privacyBounds.statement}</span></li>`,
    memorization === undefined
      ? null
      : html`<li><a href="#memorization">Memorization</a> ${verdictBadge(memorization.verdict)} <span>${memorization.statement}</span></li>`,
    extraction === null
      ? null
      : html`<li><a href="#extraction">Extraction</a> ${verdictBadge(extraction.verdict)} <span>${extraction.statement}</span></li>`,
    unlearningDifficulty === null
      ? null
      : html`<li><a href="#difficulty">Unlearning difficulty</a> <span>${unlearningDifficulty.statement}</span></li>`,
    labelMemorization === undefined
      ? null
      : html`<li><a href="#label-memorization">Labels</a> <span>${labelMemorization.statement}</span></li>`,
  ];
  return html`<header class="page-header"><p class="kicker">engram · memorization audit</p><h1>${report.name}</h1><p class="audit-id"><code>${report.auditId}</code></p></header>
<section id="verdict" class="banner verdict-${report.verdict}" aria-labelledby="verdict-heading"><h2 id="verdict-heading">${verdictBadge(report.verdict)} <span>${verdictSentence(report)}</span></h2><div class="columns"><div><h3>What to do next</h3>${adviceList(nextSteps(report))}</div><div><h3>The tests</h3><ul class="tests">${tests}</ul></div></div></section>`;
}
