import { z } from 'zod';
import { auditRequest } from './audit-request.js';
import { auditId, datasetId, modelId } from './identifiers.js';
import { datasetUpload, modelUpload } from './manifests.js';
import { report } from './report/report.js';
import { audit, preflight } from './resources/audit.js';
import { canariesRequest, plantedCanaries } from './resources/canaries.js';
import { capabilities } from './resources/capabilities.js';
import { dataset } from './resources/dataset.js';
import { health, readiness } from './resources/health.js';
import { model } from './resources/model.js';
import { pageOf, pageQuery } from './resources/page.js';
import { samplePage, sampleQuery } from './resources/samples.js';
import type { Route } from './route.js';

/** The longest `?wait=` a poll may ask for; more is taken as this. */
export const longestWaitSeconds = 60;

const uploads = `A part \`manifest\` (JSON) comes first, then the files: each part's file name is its path inside. An
archive (.zip, .tar, .tar.gz, .tgz) stands for the files in it. Bytes are stored while they arrive and checked before
the answer; an upload that fails leaves nothing behind.`;

const unreadable = [
  'ENG_MANIFEST_INVALID',
  'ENG_FILE_TRUNCATED',
  'ENG_FILE_UNREADABLE',
  'ENG_FORMAT_UNSUPPORTED',
  'ENG_ARCHIVE_UNSAFE',
  'ENG_UPLOAD_TOO_LARGE',
  'ENG_VALUES_NOT_FINITE',
] as const;

const auditParams = z.object({ id: auditId });

/** Every route of the service. The api has one handler for each; the compiler names the missing one. */
export const routes = {
  createModel: {
    method: 'POST',
    path: '/v1/models',
    tag: 'models',
    summary: 'Upload a model',
    description: uploads,
    upload: modelUpload,
    responses: {
      201: { description: 'What was found inside', schema: model, headers: { Location: 'Path of the new model' } },
    },
    problems: [...unreadable, 'ENG_MODEL_UNSUPPORTED', 'ENG_MODEL_UNSAFE'],
  },
  listModels: {
    method: 'GET',
    path: '/v1/models',
    tag: 'models',
    summary: 'List models, newest first',
    query: pageQuery,
    responses: { 200: { description: 'One page', schema: pageOf(model) } },
  },
  getModel: {
    method: 'GET',
    path: '/v1/models/{id}',
    tag: 'models',
    summary: 'One model',
    params: z.object({ id: modelId }),
    responses: { 200: { description: 'The model', schema: model } },
    problems: ['ENG_MODEL_NOT_FOUND'],
  },
  deleteModel: {
    method: 'DELETE',
    path: '/v1/models/{id}',
    tag: 'models',
    summary: 'Delete a model and its files',
    params: z.object({ id: modelId }),
    responses: { 204: { description: 'Deleted' } },
    problems: ['ENG_MODEL_NOT_FOUND', 'ENG_IN_USE'],
  },
  createDataset: {
    method: 'POST',
    path: '/v1/datasets',
    tag: 'datasets',
    summary: 'Upload a dataset',
    description: uploads,
    upload: datasetUpload,
    responses: {
      201: { description: 'What was found inside', schema: dataset, headers: { Location: 'Path of the new dataset' } },
    },
    problems: [...unreadable, 'ENG_LABEL_OUT_OF_RANGE', 'ENG_ONE_CLASS_ONLY'],
  },
  listDatasets: {
    method: 'GET',
    path: '/v1/datasets',
    tag: 'datasets',
    summary: 'List datasets, newest first',
    query: pageQuery,
    responses: { 200: { description: 'One page', schema: pageOf(dataset) } },
  },
  getDataset: {
    method: 'GET',
    path: '/v1/datasets/{id}',
    tag: 'datasets',
    summary: 'One dataset',
    params: z.object({ id: datasetId }),
    responses: { 200: { description: 'The dataset', schema: dataset } },
    problems: ['ENG_DATASET_NOT_FOUND'],
  },
  deleteDataset: {
    method: 'DELETE',
    path: '/v1/datasets/{id}',
    tag: 'datasets',
    summary: 'Delete a dataset',
    params: z.object({ id: datasetId }),
    responses: { 204: { description: 'Deleted' } },
    problems: ['ENG_DATASET_NOT_FOUND', 'ENG_IN_USE'],
  },
  getDatasetContent: {
    method: 'GET',
    path: '/v1/datasets/{id}/content',
    tag: 'datasets',
    summary: 'The samples of a dataset, to train on',
    params: z.object({ id: datasetId }),
    responses: {
      200: {
        description:
          'One archive that numpy.load reads (.npz): an array for each numeric field, one JSON object a line for each text field',
        alternatives: { 'application/zip': 'A .npy file for each numeric field, a .jsonl file for each text field' },
      },
    },
    problems: ['ENG_DATASET_NOT_FOUND'],
  },
  createCanaries: {
    method: 'POST',
    path: '/v1/canaries',
    tag: 'datasets',
    summary: 'Plant canaries in a training set, each included by a coin',
    description:
      'Draws samples of a training set, gives each a wrong label and throws a fair coin for it. Answers with two new datasets: the canaries, and what to train on.',
    body: canariesRequest,
    responses: {
      201: {
        description: 'The two datasets, and how to use them',
        schema: plantedCanaries,
        headers: { Location: 'Path of the canaries' },
      },
    },
    problems: ['ENG_DATASET_NOT_FOUND', 'ENG_DATA_MODEL_MISMATCH', 'ENG_INSUFFICIENT_SAMPLES'],
  },
  createAudit: {
    method: 'POST',
    path: '/v1/audits',
    tag: 'audits',
    summary: 'Audit a model, or recorded outputs',
    description:
      'Refused at the door when it cannot work. `?dryRun=true` answers 200 with the cost and starts nothing.',
    query: z.object({ dryRun: z.enum(['true', 'false']).default('false') }),
    headers: { 'Idempotency-Key': 'The same key and body give the same audit; the same key and another body 409.' },
    body: auditRequest,
    responses: {
      200: { description: 'Preflight of a dry run', schema: preflight },
      202: { description: 'The audit, queued', schema: audit, headers: { Location: 'Path of the audit' } },
    },
    problems: [
      'ENG_REQUEST_INVALID',
      'ENG_MODEL_NOT_FOUND',
      'ENG_DATASET_NOT_FOUND',
      'ENG_IDEMPOTENCY_CONFLICT',
      'ENG_ATTACK_NOT_APPLICABLE',
      'ENG_ESTIMATOR_NOT_APPLICABLE',
      'ENG_DATA_MODEL_MISMATCH',
      'ENG_INSUFFICIENT_SAMPLES',
      'ENG_LABEL_OUT_OF_RANGE',
      'ENG_ONE_CLASS_ONLY',
      'ENG_SATURATED_OUTPUTS',
    ],
  },
  listAudits: {
    method: 'GET',
    path: '/v1/audits',
    tag: 'audits',
    summary: 'List audits, newest first',
    query: pageQuery,
    responses: { 200: { description: 'One page', schema: pageOf(audit) } },
  },
  getAudit: {
    method: 'GET',
    path: '/v1/audits/{id}',
    tag: 'audits',
    summary: 'Status, progress, estimate and findings so far',
    params: auditParams,
    query: z.object({
      /** Seconds to wait for a change before answering. */
      wait: z.coerce.number().min(0).default(0),
    }),
    headers: {
      'If-None-Match': 'The ETag seen last: 304 while nothing changed; with `wait`, the change waited for.',
    },
    responses: {
      200: {
        description: 'The audit',
        schema: audit,
        headers: { ETag: 'Changes with the audit', 'Retry-After': 'Seconds until it is worth asking again' },
      },
      304: { description: 'Not changed' },
    },
    problems: ['ENG_AUDIT_NOT_FOUND'],
  },
  streamAuditEvents: {
    method: 'GET',
    path: '/v1/audits/{id}/events',
    tag: 'audits',
    summary: 'Status, progress and findings as server-sent events',
    description: 'All events from the first on; ends after the last. Events: `status`, `progress`, `finding`.',
    params: auditParams,
    headers: { 'Last-Event-ID': 'Only events after this one.' },
    responses: { 200: { description: 'The events', alternatives: { 'text/event-stream': 'Server-sent events' } } },
    problems: ['ENG_AUDIT_NOT_FOUND'],
  },
  cancelAudit: {
    method: 'POST',
    path: '/v1/audits/{id}/cancel',
    tag: 'audits',
    summary: 'Stop an audit',
    params: auditParams,
    responses: { 202: { description: 'The audit, cancelled', schema: audit } },
    problems: ['ENG_AUDIT_NOT_FOUND', 'ENG_AUDIT_ALREADY_FINISHED'],
  },
  getReport: {
    method: 'GET',
    path: '/v1/audits/{id}/report',
    tag: 'audits',
    summary: 'The report',
    params: auditParams,
    responses: {
      200: {
        description: 'The report',
        schema: report,
        alternatives: { 'text/html': 'One self-contained page with pictures' },
      },
    },
    problems: ['ENG_AUDIT_NOT_FOUND', 'ENG_REPORT_NOT_READY'],
  },
  getReportPage: {
    method: 'GET',
    path: '/v1/audits/{id}/report.html',
    tag: 'audits',
    summary: 'The report as one self-contained page',
    params: auditParams,
    responses: { 200: { description: 'The page', alternatives: { 'text/html': 'One self-contained page' } } },
    problems: ['ENG_AUDIT_NOT_FOUND', 'ENG_REPORT_NOT_READY'],
  },
  listSamples: {
    method: 'GET',
    path: '/v1/audits/{id}/samples',
    tag: 'audits',
    summary: 'The per-sample table: what leaks, what can be extracted and what is hard to remove',
    params: auditParams,
    query: sampleQuery,
    responses: {
      200: {
        description: 'One page of rows as JSON, or the whole table in another form',
        schema: samplePage,
        alternatives: {
          'text/csv': 'The whole table, a header line first',
          'application/x-ndjson': 'The whole table, one JSON object a line',
          'application/vnd.apache.parquet': 'The whole table',
        },
      },
    },
    problems: ['ENG_AUDIT_NOT_FOUND', 'ENG_REPORT_NOT_READY'],
  },
  getCapabilities: {
    method: 'GET',
    path: '/v1/capabilities',
    tag: 'service',
    summary: 'Formats, attacks and what they require, estimators, limits, workers and versions',
    responses: { 200: { description: 'What this service can do now', schema: capabilities } },
  },
  getHealth: {
    method: 'GET',
    path: '/healthz',
    tag: 'service',
    summary: 'Whether the process is alive',
    open: true,
    responses: { 200: { description: 'Alive', schema: health } },
  },
  getReadiness: {
    method: 'GET',
    path: '/readyz',
    tag: 'service',
    summary: 'Whether database, Redis, artifacts and at least one worker are reachable',
    open: true,
    responses: {
      200: { description: 'Ready', schema: readiness },
      503: { description: 'Not ready', schema: readiness },
    },
  },
  getMetrics: {
    method: 'GET',
    path: '/metrics',
    tag: 'service',
    summary: 'Metrics for Prometheus',
    open: true,
    responses: { 200: { description: 'The metrics', alternatives: { 'text/plain': 'Prometheus text format' } } },
  },
} as const satisfies Readonly<Record<string, Route>>;

export type RouteName = keyof typeof routes;

type Parsed<R, Part extends string> = R extends { readonly [K in Part]: infer S extends z.ZodType }
  ? z.output<S>
  : undefined;

/** Path parameters, query and JSON body of a route, after validation. */
export type ParamsOf<N extends RouteName> = Parsed<(typeof routes)[N], 'params'>;
export type QueryOf<N extends RouteName> = Parsed<(typeof routes)[N], 'query'>;
export type BodyOf<N extends RouteName> = Parsed<(typeof routes)[N], 'body'>;

type JsonOf<R> = R extends { readonly responses: infer Responses }
  ? {
      [S in keyof Responses]: Responses[S] extends { readonly schema: infer Z extends z.ZodType } ? z.output<Z> : never;
    }[keyof Responses]
  : never;

/** What a route answers with when it answers in JSON. */
export type ReplyOf<N extends RouteName> = JsonOf<(typeof routes)[N]>;
