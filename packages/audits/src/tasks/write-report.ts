import {
  type AuditRequest,
  type ExtractionReport,
  type Finding,
  type LabelMemorizationReport,
  type MembershipReport,
  type PrivacyBoundsReport,
  type Report,
  severities,
} from '@engram/contract';
import type { Bundle, Json, TaskSpec } from '@engram/domain';
import type { Decisions } from '../decisions.js';
import { completeDifficulty } from '../difficulty/complete-difficulty.js';
import { difficultyFindings } from '../difficulty/difficulty-findings.js';
import { combineExtraction } from '../extraction/combine-extraction.js';
import { completeMemorization, type MemorizationParts, type OnionArm } from '../memorization/complete-memorization.js';
import { overallVerdict, summarize } from '../report/conclude.js';
import { reportBundle, type SampleColumns } from '../report/report-bundle.js';
import { type DatasetDescriptor, dataRoles, type ModelDescriptor } from '../resources.js';
import { type AuditRows, openAuditRows } from './audit-rows.js';
import { param, readBundle, readDocument, type TaskContext, type TaskResult } from './context.js';
import type { RemovalArm } from './train-without-exposed.js';

/** Joins what the tests found into the report, and their columns into the per-sample table. */
export async function writeReport(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  const rows = await openAuditRows(context);
  const optional = async (name: string) => (context.inputs[name] === undefined ? null : readBundle(context, name));
  const [
    signals,
    scored,
    extracted,
    exposed,
    estimated,
    probed,
    labelled,
    memorized,
    consistency,
    nearDuplicates,
    bounded,
  ] = await Promise.all([
    readBundle(context, 'signals'),
    optional('membership'),
    optional('extraction'),
    optional('exposure'),
    optional('difficulty'),
    optional('probe'),
    optional('labelMemorization'),
    optional('memorization'),
    optional('consistency'),
    optional('nearDuplicates'),
    optional('privacyBounds'),
  ]);
  const decisions = param<Decisions>(task, 'decisions');
  const membership = scored === null ? null : (scored.meta.section as unknown as MembershipReport);
  const extraction =
    decisions.extraction === null
      ? null
      : combineExtraction(
          extracted?.meta.section as unknown as ExtractionReport['prefixSuffix'] | undefined,
          exposed?.meta.section as unknown as ExtractionReport['exposure'] | undefined,
        );
  const difficulty = estimated === null ? null : completeDifficulty(estimated, probed, task.seed);
  // Membership comes after memorization: where both leave a column, that of the audited bank stands.
  const table = await sampleColumns(rows, [
    signals,
    memorized,
    consistency,
    nearDuplicates,
    scored,
    extracted,
    estimated,
    labelled,
    bounded,
  ]);
  const memorization =
    memorized === null
      ? null
      : completeMemorization({
          estimated: memorized,
          consistency,
          nearDuplicates,
          arms: decisions.memorization!.onion === null ? null : await onionArms(context),
          decisions: decisions.memorization!,
          columns: table.columns,
          membership: rows.membership.subarray(0, rows.judged),
          others: [
            ...(membership?.attacks ?? []).map(({ scoreId }) => scoreId),
            ...Object.keys(table.columns).filter((name) => name.startsWith('difficulty.')),
          ],
          confidence: param<AuditRequest>(task, 'request').confidence,
          seed: task.seed,
        });
  const labelSection =
    labelled === null ? {} : { labelMemorization: labelled.meta.section as unknown as LabelMemorizationReport };
  const sections = {
    membership,
    extraction: extraction?.section ?? null,
    unlearningDifficulty: difficulty,
    ...labelSection,
    ...(memorization === null ? {} : { memorization: memorization.section }),
    ...(bounded === null ? {} : { privacyBounds: bounded.meta.section as unknown as PrivacyBoundsReport }),
  };
  const findings = [
    ...((scored?.meta.findings ?? []) as unknown as Finding[]),
    ...(extraction?.findings ?? []),
    ...(difficulty === null ? [] : difficultyFindings(difficulty)),
    ...((labelled?.meta.findings ?? []) as unknown as Finding[]),
    ...(memorization?.findings ?? []),
    ...((bounded?.meta.findings ?? []) as unknown as Finding[]),
  ].sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
  const verdict = overallVerdict(sections);
  const request = param<AuditRequest>(task, 'request');
  const report: Report = {
    auditId: param<string>(task, 'auditId'),
    schema: 'engram.report/1',
    name: param<string>(task, 'name'),
    verdict,
    summary: summarize(verdict, sections, findings),
    findings,
    ...sections,
    samples: {
      count: rows.count,
      columns: ['sampleId', 'dataset', 'index', ...Object.keys(table.columns)],
    },
    reproduce: {
      request: request as unknown as Record<string, Json>,
      seed: request.seed,
      digests: await digestsOf(context),
      versions: context.environment.versions,
      hardware: context.environment.hardware,
    } as Report['reproduce'],
  };
  return { bundle: reportBundle(report, table), facts: { verdict } };
}

/** What the arms of the privacy onion left. */
async function onionArms(context: TaskContext): Promise<NonNullable<MemorizationParts['arms']>> {
  const arm = async (name: RemovalArm): Promise<OnionArm> => {
    const inputs = Object.keys(context.inputs).filter((input) => input.startsWith(`onion.${name}.`));
    const groups = inputs.filter((input) => !input.endsWith('.whole')).sort();
    return {
      subsets: await Promise.all(groups.map((input) => readBundle(context, input))),
      whole: await readBundle(context, `onion.${name}.whole`),
    };
  };
  return { exposed: await arm('exposed'), random: await arm('random') };
}

/** Digests of the model and the datasets as their uploads state them. */
async function digestsOf(context: TaskContext): Promise<Record<string, string>> {
  const named = (['model', ...dataRoles] as const).filter((name) => name in context.inputs);
  const found = named.map(async (name) => {
    const { inspected } = await readDocument<ModelDescriptor | DatasetDescriptor>(context, name);
    return [name, inspected.digest] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

/** One row per judged sample: label, membership, then every column the tests left under `column.`. */
async function sampleColumns(rows: AuditRows, bundles: readonly (Bundle | null)[]): Promise<SampleColumns> {
  const sampleIds: string[] = [];
  const datasetCodes = new Uint8Array(rows.count);
  const indices = new Int32Array(rows.count);
  for (const [code, part] of rows.parts.entries()) {
    for (const id of await part.dataset.ids()) sampleIds.push(id);
    datasetCodes.fill(code, part.start, part.start + part.count);
    for (let i = 0; i < part.count; i += 1) indices[part.start + i] = i;
  }
  const columns: Record<string, Float64Array> = {};
  const label = bundles[0]?.arrays.label;
  if (label !== undefined) columns.label = Float64Array.from(label.data);
  columns.member = Float64Array.from(rows.membership);
  for (const bundle of bundles)
    for (const [name, array] of Object.entries(bundle?.arrays ?? {}))
      if (name.startsWith('column.')) columns[name.slice('column.'.length)] = Float64Array.from(array.data);
  return { sampleIds, datasets: rows.parts.map((part) => part.role), datasetCodes, indices, columns };
}
