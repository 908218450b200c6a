import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MembershipReport } from '@engram/contract';
import { attackResult, membershipReport } from '../fixtures/membership.js';
import { attributesOf, textOf } from '../fixtures/page-reading.js';
import { membershipSection } from './membership.js';

function manyAttacks(count: number): MembershipReport {
  const report = membershipReport();
  const named = { params: {}, referenceModels: 0, shift: 0.4, exposedShare: 0 };
  const more = Array.from({ length: count - report.attacks.length }, (_, i) =>
    attackResult({ ...named, attack: `attack${i}`, scoreId: `attack${i}`, primary: false, seed: 50 + i }),
  );
  return { ...report, attacks: [...report.attacks, ...more] };
}

test('of twenty attacks six are drawn as curves, all have their AUC in one picture, and the tables hold all', () => {
  const report = manyAttacks(20);
  const page = membershipSection(report).markup;
  const [, roc] = /<desc id="roc-description">([^<]*)</.exec(page) ?? [];
  assert.equal(new Set(roc.match(/[^;.]+ finds/g)?.map((named) => named.trim())).size, 6);
  const [, aucs] = /<desc id="aucs-description">([^<]*)</.exec(page) ?? [];
  assert.equal(aucs.match(/ to /g)?.length, 19);
  for (const { scoreId } of report.attacks) assert.ok(page.includes(`<code>${scoreId}</code>`), scoreId);
  assert.ok(attributesOf(page, 'id').includes('aucs-title'));
  assert.equal(textOf(page).split('13 more attacks').length - 1, 3);
});

test('what only ranks members stands in a table of its own and in no curve', () => {
  const page = membershipSection(membershipReport()).markup;
  assert.match(textOf(page), /Rankings, set apart.*have no part in the verdict/);
  assert.doesNotMatch(/<desc id="roc-description">([^<]*)</.exec(page)?.[1] ?? '', /Loss trace/);
});

test('says beside the audited model that labels only were read of it', () => {
  const report = membershipReport();
  const said = (target: MembershipReport['target']) => textOf(membershipSection({ ...report, target }).markup);
  assert.match(said({ ...report.target, labelsAlone: true }), /The audited model.*Labels only: which class it says/);
  assert.doesNotMatch(said(report.target), /Labels only/);
});

test('parts of the records are drawn by falling AUC, those that may be chance hollow', () => {
  const { slices } = membershipReport();
  const page = membershipSection(membershipReport()).markup;
  const [, described] = /<desc id="slices-description">([^<]*)</.exec(page) ?? [];
  const aucs = [...described.matchAll(/: ([\d.]+), /g)].map((match) => Number(match[1]));
  assert.deepEqual(
    aucs,
    [...aucs].sort((a, b) => b - a),
  );
  const [, picture] = /aria-labelledby="slices-title([\s\S]*?)<\/svg>/.exec(page) ?? [];
  const chance = slices!.slices.filter(({ adjustedPValue }) => adjustedPValue > 0.05).length;
  assert.equal(picture.split('class="hollow"').length - 1, chance);
});

test('a list nobody could be certified on says so', () => {
  const report = membershipReport();
  const certified = { ...report.certified!, count: 0, sampleIds: [] };
  const text = textOf(membershipSection({ ...report, certified }).markup);
  assert.match(text, /No record can be named as a member while keeping the expected share of wrongly named ones to 5%/);
});
