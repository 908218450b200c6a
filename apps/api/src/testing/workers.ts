import { reportBundle, type SampleColumns } from '@engram/audits';
import type { Report } from '@engram/contract';
import type { TaskOutput } from '@engram/domain';
import { encodeBundle } from '@engram/numeric';
import type { RecordStore } from '@engram/storage';
import type { ApiUnderTest } from './api-under-test.js';

/** Key of the n-th task of the plan enqueued last. */
export function taskOf(api: ApiUnderTest, n: number): string {
  const key = api.queue.enqueued.at(-1)?.plan.tasks[n]?.key;
  if (key === undefined) throw new Error(`no task ${n} was enqueued`);
  return key;
}

/** A small finished report: one finding and a table of the given size. */
export function reportOf(auditId: string, samples = 3): { readonly report: Report; readonly table: SampleColumns } {
  const measured = {
    status: 'measured',
    value: 0.2,
    low: 0.1,
    high: 0.3,
    confidence: 0.95,
    n: 400,
    method: 'clopperPearson',
  } as const;
  const report: Report = {
    auditId,
    schema: 'engram.report/1',
    name: 'release 7',
    verdict: 'leak',
    summary: ['The model remembers.'],
    findings: [
      {
        id: 'membership.loss.tpr@0.01',
        severity: 'high',
        statement: 'Members are told apart.',
        quantity: { kind: 'rate', unit: 'fraction', direction: 'higherIsWorse', chance: 0.01 },
        measured,
        control: measured,
      },
    ],
    membership: null,
    extraction: null,
    unlearningDifficulty: null,
    samples: { count: samples, columns: ['sampleId', 'dataset', 'index', 'label', 'member', 'loss'] },
    reproduce: { request: {}, seed: 7, digests: {}, versions: {}, hardware: {} },
  };
  const rows = Array.from({ length: samples }, (_, i) => i);
  const table: SampleColumns = {
    sampleIds: rows.map((i) => (i === 1 ? 'comma, "quote"\nline' : `s${i}`)),
    datasets: ['auditSet'],
    datasetCodes: new Uint8Array(samples),
    indices: Int32Array.from(rows),
    columns: {
      label: Float64Array.from(rows, (i) => (i % 3 === 2 ? Number.NaN : i % 3)),
      member: Float64Array.from(rows, (i) => i % 2),
      loss: Float64Array.from(rows, (i) => -i / 7),
    },
  };
  return { report, table };
}

/** What a worker of a test reaches. */
type Worked = Pick<ApiUnderTest, 'server' | 'queue' | 'store'> & { readonly records: Pick<RecordStore, 'audits'> };

/** Does what the last worker of an audit does: stores the report, links it, and says so. */
export async function giveReport(api: Worked, auditId: string, samples = 3): Promise<TaskOutput> {
  const { project } = await api.records.audits.get('default', auditId);
  const enqueued = api.queue.enqueued.findLast((each) => each.auditId === auditId);
  if (enqueued === undefined) throw new Error(`audit ${auditId} was not enqueued`);
  const { report, table } = reportOf(auditId, samples);
  const artifact = await api.store.put(project, encodeBundle(reportBundle(report, table)));
  const output: TaskOutput = { ...artifact, durationMs: 500, facts: {} };
  await api.store.link(project, enqueued.plan.root, output);
  api.queue.completed(auditId, enqueued.plan.root, output);
  api.queue.say('auditCompleted', { auditId, output });
  await api.server.conductor.settled();
  return output;
}
