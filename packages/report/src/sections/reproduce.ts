import type { Report } from '@engram/contract';
import { type Content, type Html, html } from '../markup/html.js';
import { section, settingsList } from './blocks.js';

/** Everything needed to run the audit again and to get its numbers as data. */
export function reproduceSection({ reproduce, auditId }: Report, serviceUrl: string): Html {
  const { request, seed, digests, versions, hardware } = reproduce;
  // Nothing of the request is read by the shell: the delimiter is quoted, and no line of indented JSON is the delimiter.
  const submit = `curl -sS '${serviceUrl}/v1/audits' -H 'content-type: application/json' --data-binary @- <<'REQUEST'\n${JSON.stringify(request, null, 2)}\nREQUEST`;
  const audit = `${serviceUrl}/v1/audits/${encodeURIComponent(auditId)}`;
  const fetched = `curl -sS '${audit}/report' -o report.json\ncurl -sS -H 'accept: text/csv' '${audit}/samples' -o samples.csv`;
  return section(
    'reproduce',
    'Reproduce this audit',
    html`<p>The same request on the same inputs gives the same numbers, on any number of workers. Seed: <code>${seed}</code>.</p>`,
    html`<h3>Run it again</h3>`,
    copyable(submit, 'Command that runs the audit again'),
    html`<h3>Get the numbers</h3>`,
    copyable(fetched, 'Commands that download the report and the per-sample table'),
    html`<div class="columns provenance">${block('Inputs by digest', settingsList(digests))}${block('Versions', settingsList(versions))}${block('Hardware', settingsList(hardware))}</div>`,
  );
}

function copyable(text: string, label: string): Html {
  return html`<pre class="copyable" tabindex="0" role="region" aria-label="${label}"><code>${text}</code></pre>`;
}

function block(heading: string, content: Content): Html | null {
  return content === null ? null : html`<div><h3>${heading}</h3>${content}</div>`;
}
