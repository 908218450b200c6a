import type { Report } from '@engram/contract';
import { completedReport } from './completed-report.js';
import { Html, html } from './markup/html.js';
import { difficultySection } from './sections/difficulty.js';
import { extractionSection } from './sections/extraction.js';
import { findingsSection, summarySection } from './sections/findings.js';
import { glossarySection } from './sections/glossary.js';
import { labelMemorizationSection } from './sections/label-memorization.js';
import { membershipSection } from './sections/membership.js';
import { memorizationSection } from './sections/memorization.js';
import { privacyBoundsSection } from './sections/privacy-bounds.js';
import { reproduceSection } from './sections/reproduce.js';
import { verdictBanner } from './sections/verdict-banner.js';
import { styleSheet } from './style/style-sheet.js';
import { verdictWords } from './words/verdicts.js';

export interface ReportPageOptions {
  /** Where the commands of the page send their requests. Origin only, no slash at the end. */
  readonly serviceUrl?: string;
}

/** The address `npm start` serves on. */
const localService = 'http://127.0.0.1:7373';

/**
 * A report as one HTML file for people: it asks nothing of the network, runs no script, and follows the reader's light
 * or dark theme. Whatever comes from data, models or requests is escaped. The same report gives the same bytes.
 *
 * @param stored as `GET /v1/audits/{id}/report` gives it; parse it with the contract's schema if it comes from outside.
 */
export function renderReportPage(stored: Report, { serviceUrl = localService }: ReportPageOptions = {}): string {
  const report = completedReport(stored);
  const { membership, extraction, unlearningDifficulty, privacyBounds, memorization, labelMemorization } = report;
  const sections: readonly (readonly [id: string, name: string, content: Html | null])[] = [
    ['summary', 'Summary', summarySection(report)],
    ['findings', 'Findings', findingsSection(report)],
    ['membership', 'Membership', membership === null ? null : membershipSection(membership)],
    ['privacy-bounds', 'Privacy', privacyBounds === undefined ? null : privacyBoundsSection(privacyBounds)],
    ['memorization', 'Memorization', memorization === undefined ? null : memorizationSection(memorization)],
    ['extraction', 'Extraction', extraction === null ? null : extractionSection(extraction)],
    ['difficulty', 'Unlearning', unlearningDifficulty === null ? null : difficultySection(unlearningDifficulty)],
    [
      'label-memorization',
      'Labels',
      labelMemorization === undefined ? null : labelMemorizationSection(labelMemorization),
    ],
    ['reproduce', 'Reproduce', reproduceSection(report, new URL(serviceUrl).origin)],
    ['glossary', 'Words', glossarySection(report)],
  ];
  const present = sections.filter(([, , content]) => content !== null);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${report.name}: ${verdictWords[report.verdict]} (engram)</title>
<style>${new Html(styleSheet)}</style>
</head>
<body>
<a class="skip" href="#verdict">Skip to the verdict</a>
<main>
${verdictBanner(report)}
<nav aria-label="Parts of this report"><ul>${present.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
${present.map(([, , content]) => html`${content}\n`)}</main>
</body>
</html>
`;
  return page.markup;
}
