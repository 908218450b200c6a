import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { difficultyEstimators, extractionAttacks, membershipAttacks } from '@engram/attacks';
import { parseDatasetManifest } from '@engram/datasets';
import { parseModelManifest, recipe, recipeOf } from '@engram/models';
import type { z } from 'zod';
import { auditRequest } from './audit-request.js';
import { problem } from './problems.js';
import { measured } from './report/measured.js';
import { audit, preflight } from './resources/audit.js';
import { auditEvents } from './resources/audit-events.js';
import { canariesRequest } from './resources/canaries.js';
import { dataset } from './resources/dataset.js';
import { model } from './resources/model.js';
import { samplePage } from './resources/samples.js';

/** An example found in a page: what it says it is, its JSON, and where it stands. */
interface Example {
  readonly kind: string;
  readonly value: unknown;
  readonly where: string;
}

interface Fence {
  readonly language: string;
  readonly kind: string;
  readonly text: string;
  readonly where: string;
}

interface NamedEntry {
  readonly id: string;
  plan(): { readonly params: object };
}

const strict = (schema: z.ZodType) => (value: unknown) => assert.deepEqual(schema.parse(value), value);

/** What an example of each kind has to pass. */
const checks: Readonly<Record<string, (value: unknown) => unknown>> = {
  'model-manifest': parseModelManifest,
  'dataset-manifest': parseDatasetManifest,
  'recipe-defaults': (value) => assert.deepEqual(value, recipeOf(recipe.parse({}), 'classification')),
  'audit-request': (value) => auditRequest.parse(value),
  'canaries-request': (value) => canariesRequest.parse(value),
  'audit-request-defaults': (value) => assert.deepEqual(value, auditRequest.parse(withoutDefaults(value))),
  'membership-defaults': (value) => assert.deepEqual(value, entriesOf(membershipAttacks, 'attack')),
  'extraction-defaults': (value) => assert.deepEqual(value, entriesOf(extractionAttacks, 'attack')),
  'estimator-defaults': (value) => assert.deepEqual(value, entriesOf(difficultyEstimators, 'estimator')),
  'event-status': strict(auditEvents.status),
  'event-progress': strict(auditEvents.progress),
  'event-finding': strict(auditEvents.finding),
  'sample-page': strict(samplePage),
  model: strict(model),
  dataset: strict(dataset),
  preflight: strict(preflight),
  audit: strict(audit),
  measured: strict(measured),
  problem: strict(problem),
};

/** The same audit with nothing said that need not be. */
function withoutDefaults(request: unknown): unknown {
  const { data, tests } = request as { readonly data: object; readonly tests: object };
  return { data, tests: Object.fromEntries(Object.keys(tests).map((name) => [name, {}])) };
}

function entriesOf(catalog: readonly NamedEntry[], key: string): unknown[] {
  return catalog.map((entry) => ({ [key]: entry.id, ...entry.plan().params }));
}

function fencesOf(page: string, defaultKind = ''): Fence[] {
  const text = readFileSync(new URL(`../../../${page}`, import.meta.url), 'utf8');
  return [...text.matchAll(/^```(\w*) ?(\S*)\n(.*?)^```$/gms)].map((match) => {
    const [, language = '', kind = '', body = ''] = match;
    const line = text.slice(0, match.index).split('\n').length;
    return { language, kind: kind || defaultKind, text: withWholeIds(body), where: `${page}:${line}` };
  });
}

/** Ids are cut short in commands that are meant to be filled in. */
function withWholeIds(text: string): string {
  return text.replaceAll(/\b(mdl|dst|aud)_…/g, '$1_0000000000');
}

function examplesIn(fence: Fence): Example[] {
  const { language, kind, text, where } = fence;
  if (language === 'json') return [{ kind, value: JSON.parse(text), where }];
  if (language === 'sh') return shellExamples(text, where);
  return language === 'python' ? pythonExamples(text, where) : [];
}

/** Manifests and requests written into curl commands. */
function shellExamples(text: string, where: string): Example[] {
  const commands = text.replaceAll('\\\n', ' ').split('\n');
  return commands.flatMap((command) => {
    const resource = /\/v1\/(models|datasets|audits|canaries)/.exec(command)?.[1];
    const body = /-d '([^']*)'/.exec(command)?.[1] ?? /'manifest=(\{[^']*)'/.exec(command)?.[1];
    if (body === undefined) return [];
    assert.ok(resource, `${where}: expected a path of the API in ${command}`);
    return [{ kind: kindOf[resource]!, value: JSON.parse(body), where }];
  });
}

const kindOf: Readonly<Record<string, string>> = {
  models: 'model-manifest',
  datasets: 'dataset-manifest',
  audits: 'audit-request',
  canaries: 'canaries-request',
};

/** Dictionaries assigned to `…manifest` and `request`, which are written as JSON but for the ids they refer to. */
function pythonExamples(text: string, where: string): Example[] {
  return [...text.matchAll(/^ *(\w*manifest|request) = (\{.*?\})$(?! *["}])/gms)].map(([, name, written = '']) => {
    const body = written
      .replaceAll(/\bmodel\["id"\]/g, '"mdl_0000000000"')
      .replaceAll(/\b\w+\["id"\]/g, '"dst_0000000000"')
      .replaceAll(/,(?=\s*\})/g, '');
    const value: unknown = JSON.parse(body);
    const kind = name === 'request' ? 'audit-request' : 'kind' in Object(value) ? 'model-manifest' : 'dataset-manifest';
    return { kind, value, where };
  });
}

const fences = [...fencesOf('README.md'), ...fencesOf('docs/api.md'), ...fencesOf('docs/errors.md', 'problem')];

test('every JSON example of the pages says what it is', () => {
  const unnamed = fences.filter(({ language, kind }) => language === 'json' && checks[kind] === undefined);
  assert.deepEqual(
    unnamed.map(({ where, kind }) => `${where} ${kind}`),
    [],
  );
});

for (const { kind, value, where } of fences.flatMap(examplesIn)) {
  test(`the ${kind} at ${where} is what the service takes or gives`, () => {
    checks[kind]?.(value);
  });
}

test('the guide shows every kind of model and dataset, and every list of defaults', () => {
  const shown = fences.flatMap(examplesIn);
  const values = (kind: string, key: string) =>
    new Set(shown.filter((example) => example.kind === kind).map(({ value }) => Reflect.get(Object(value), key)));
  assert.deepEqual([...values('model-manifest', 'kind')].sort(), ['causal-lm', 'onnx', 'tfjs-layers']);
  assert.deepEqual([...values('dataset-manifest', 'format')].sort(), ['csv', 'idx', 'jsonl', 'npy', 'npz']);
  assert.deepEqual(
    Object.keys(checks).filter((kind) => !shown.some((example) => example.kind === kind)),
    [],
  );
});
