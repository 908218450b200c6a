import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type ErrorCode, errorFamilies } from '@engram/domain';
import { problemKinds } from './problem-kinds.js';

const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
const sections = new Map(
  page
    .split(/^### /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')).trim(), section] as const),
);

test('docs/errors.md explains every code', () => {
  const missing = Object.keys(errorFamilies).filter((code) => !sections.has(code));
  assert.deepEqual(missing, []);
});

test('docs/errors.md explains no code that does not exist', () => {
  const unknown = [...sections.keys()].filter((code) => !Object.hasOwn(errorFamilies, code));
  assert.deepEqual(unknown, []);
});

test('docs/errors.md gives each code the status, title, meaning and remedy the service gives', () => {
  for (const [code, kind] of Object.entries(problemKinds)) {
    const section = sections.get(code) ?? '';
    assert.ok(section.includes(`\n${kind.status} · ${kind.title}\n`), `${code}: status and title`);
    assert.ok(section.includes(kind.meaning), `${code}: meaning`);
    assert.ok(section.includes(kind.remedy), `${code}: remedy`);
  }
});

test('the status of a code is in the range its family stands for', () => {
  const ranges: Readonly<Record<string, readonly number[]>> = {
    invalid: [400, 401, 405, 413, 415, 500],
    missing: [404],
    conflict: [409],
    notApplicable: [422],
    upstream: [502, 503],
    device: [503],
    cancelled: [409],
    internal: [500],
  };
  for (const [code, family] of Object.entries(errorFamilies))
    assert.ok(ranges[family]?.includes(problemKinds[code as ErrorCode].status), code);
});
