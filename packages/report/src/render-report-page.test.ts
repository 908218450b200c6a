import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Report, report as reportSchema } from '@engram/contract';
import { verdicts } from '@engram/domain';
import fc from 'fast-check';
import { fullReport } from './fixtures/full-report.js';
import { attributesOf, elementsOf, textOf, unbalancedTag } from './fixtures/page-reading.js';
import { mapNodes } from './fixtures/report-mapping.js';
import { inconclusiveReport, invalidReport, noLeakReport } from './fixtures/verdict-reports.js';
import { writeNumber } from './numbers/quantity.js';
import { renderReportPage } from './render-report-page.js';
import { verdictWords } from './words/verdicts.js';

const quantities = ['rate', 'auc', 'bits', 'steps', 'epochs', 'correlation', 'gap', 'points', 'number'] as const;
const made = { full: fullReport, invalid: invalidReport, inconclusive: inconclusiveReport, noLeak: noLeakReport };

for (const [name, make] of Object.entries(made)) {
  test(`the ${name} fixture is a report by the contract`, () => {
    assert.deepEqual(reportSchema.parse(make()), make());
  });

  test(`the page of the ${name} report asks nothing of the network and runs nothing`, () => {
    const page = renderReportPage(make());
    for (const { tag, attributes } of elementsOf(page)) {
      assert.ok(!['script', 'link', 'img', 'iframe', 'object', 'embed', 'base', 'form'].includes(tag), tag);
      for (const [attribute, value] of attributes) {
        assert.ok(!/^(src|srcset|on.*|xlink:href|data|action)$/.test(attribute), attribute);
        if (attribute === 'href') assert.match(value, /^#/);
      }
    }
    assert.doesNotMatch(page, /@import|url\(|expression\(/);
  });

  test(`the page of the ${name} report is well formed, its ids unique and its references met`, () => {
    const page = renderReportPage(make());
    assert.equal(unbalancedTag(page), null);
    const ids = attributesOf(page, 'id');
    assert.equal(new Set(ids).size, ids.length);
    const references = [
      ...attributesOf(page, 'href').map((href) => href.slice(1)),
      ...attributesOf(page, 'aria-labelledby').flatMap((value) => value.split(' ')),
    ];
    for (const reference of references) assert.ok(ids.includes(reference), reference);
  });

  test(`the page of the ${name} report has one first heading, skips no level, and captions every table`, () => {
    const elements = elementsOf(renderReportPage(make()));
    const levels = elements.flatMap(({ tag }) => (/^h[1-6]$/.test(tag) ? [Number(tag[1])] : []));
    assert.equal(levels.filter((level) => level === 1).length, 1);
    levels.forEach((level, i) => {
      assert.ok(i === 0 ? level === 1 : level <= levels[i - 1] + 1, `h${level} after h${levels[i - 1]}`);
    });
    elements.forEach(({ tag }, i) => {
      if (tag === 'table') assert.equal(elements[i + 1].tag, 'caption');
      if (tag === 'svg')
        assert.ok(
          elements[i].attributes.some(([key]) => key === 'aria-hidden' || key === 'aria-labelledby'),
          'a picture is named or hidden',
        );
    });
  });
}

test('nothing in a report can break out of the text it is printed as', () => {
  const hostile = `</style><script>alert(1)</script>"'><img src=x onerror=alert(1)>&\u202e`;
  const report = mapNodes(fullReport(), (value, path) => {
    const key = path.at(-1);
    const fixed = [
      'status',
      'code',
      'method',
      'verdict',
      'severity',
      'gate',
      'outcome',
      'schema',
      'direction',
      'threshold',
      'slice',
      'ranks',
      'design',
      'valid',
      'score',
      'best',
      'measure',
      'exposure',
      'unit',
    ];
    const open =
      !fixed.includes(String(key)) && !['recipeFrom', 'estimator', 'kind', 'source', 'against'].includes(String(key));
    return typeof value === 'string' && open ? `${hostile}${value}` : value;
  });
  const page = renderReportPage(report);
  const known = new Set(elementsOf(renderReportPage(fullReport())).map(({ tag }) => tag));
  for (const { tag, attributes } of elementsOf(page)) {
    assert.ok(known.has(tag), tag);
    for (const [attribute] of attributes) assert.doesNotMatch(attribute, /^(src|on.*)$/);
  }
  assert.equal(unbalancedTag(page), null);
  assert.ok(!page.includes('\u202e'));
  assert.ok(textOf(page).includes('<script>alert(1)</script>'), 'the text itself is still shown');
});

/** Numbers left out on purpose: rates of accusations of what only ranks members. */
function isUntold(report: Report, path: readonly (string | number)[]): boolean {
  const [part, list, at, number] = path;
  return (
    part === 'membership' &&
    list === 'attacks' &&
    report.membership?.attacks[Number(at)].ranks !== undefined &&
    number !== 'auc' &&
    number !== 'control'
  );
}

test('every measured number appears with its interval', () => {
  const whole = fullReport();
  let count = 0;
  const written: { value: number; low: number; high: number; path: string }[] = [];
  const report = mapNodes(fullReport(), (value, path) => {
    if (!isMeasured(value) || value.status !== 'measured' || isUntold(whole, path)) return value;
    count += 1;
    const centre = 0.2 + count * 0.0007;
    const numbers = { value: centre, low: centre - 0.0003, high: centre + 0.0004 };
    written.push({ ...numbers, path: path.join('.') });
    return { ...value, ...numbers };
  });
  const text = textOf(renderReportPage(report));
  assert.ok(count > 80, `${count}`);
  for (const { path, ...numbers } of written) {
    const forms = quantities.map((quantity) => {
      const { value, low, high } = writeNumber(quantity, numbers);
      return `${value} (${low} to ${high})`;
    });
    assert.ok(
      forms.some((form) => text.includes(form)),
      `${path}: ${forms[0]}`,
    );
  }
});

test('every reason for a number that was not measured appears', () => {
  const whole = fullReport();
  const reasons: string[] = [];
  const report = mapNodes(fullReport(), (value, path) => {
    if (!isMeasured(value) || isUntold(whole, path)) return value;
    const reason = `because of ${path.join('.')}.`;
    reasons.push(reason);
    return { status: 'notMeasured', code: 'ENG_INSUFFICIENT_SAMPLES', reason };
  });
  const text = textOf(renderReportPage(report));
  for (const reason of reasons) assert.ok(text.includes(reason), reason);
});

test('parts a report does not have leave no section and no link', () => {
  const { privacyBounds: _bounds, memorization: _memorization, labelMemorization: _labels, ...others } = fullReport();
  const page = renderReportPage({
    ...others,
    summary: [],
    findings: [],
    membership: null,
    extraction: null,
    unlearningDifficulty: null,
  });
  const ids = attributesOf(page, 'id');
  const parts = ['membership', 'privacy-bounds', 'memorization', 'extraction', 'difficulty', 'label-memorization'];
  for (const id of ['summary', 'findings', ...parts]) {
    assert.ok(!ids.includes(id), id);
    assert.ok(!page.includes(`href="#${id}"`), id);
  }
  assert.ok(ids.includes('reproduce'));
});

for (const verdict of verdicts)
  test(`the verdict ${verdict} is told in the title and in the banner`, () => {
    const page = renderReportPage({ ...fullReport(), verdict });
    assert.ok(page.includes(`: ${verdictWords[verdict]} (engram)</title>`));
    assert.match(page, new RegExp(`<section id="verdict" class="banner verdict-${verdict}"`));
  });

test('an invalid audit explains the gate that failed and claims no detection', () => {
  const text = textOf(renderReportPage(invalidReport()));
  assert.match(text, /This audit says nothing about the model: a control failed/);
  assert.match(text, /The gate “blind baseline” failed at 0\.991 \(0\.986 to 0\.995\)/);
  assert.match(text, /Choose members and non-members at random from one pool/);
  assert.match(text, /Do not read the numbers below as a leak/);
  assert.doesNotMatch(text, /it can be told which records|it finds|detected|Higher is worse/i);
});

test('the blind baseline stands beside every attack when it did not pass', () => {
  const text = textOf(renderReportPage(invalidReport()));
  assert.equal(text.split('blind AUC: 0.991 (0.986 to 0.995)').length - 1, invalidReport().membership?.attacks.length);
});

test('a gate the report says nothing of is shown as not run', () => {
  const text = textOf(renderReportPage(inconclusiveReport()));
  assert.equal(text.split('this gate is not part of the report').length - 1, 3);
});

test('the command that runs the audit again carries the request whole', () => {
  const text = textOf(renderReportPage(fullReport(), { serviceUrl: 'https://audits.example:8443/' }));
  const [, body] =
    /curl -sS 'https:\/\/audits\.example:8443\/v1\/audits'[^\n]*<<'REQUEST'\n([\s\S]*?)\nREQUEST/.exec(text) ?? [];
  assert.deepEqual(JSON.parse(body), fullReport().reproduce.request);
});

test('hidden texts leave a box for each token and nothing else', () => {
  const report = fullReport();
  const prefixSuffix = report.extraction?.prefixSuffix;
  assert.ok(prefixSuffix);
  prefixSuffix.strips = prefixSuffix.strips
    .slice(0, 1)
    .map((strip) => ({ ...strip, tokens: strip.tokens.map(() => '') }));
  const page = renderReportPage(report);
  assert.equal(page.split('withheld"').length - 1, prefixSuffix.strips[0].tokens.length);
  assert.match(page, /keeps the texts themselves hidden/);
});

test('the same report gives the same bytes and is left as it was', () => {
  const report = fullReport();
  const before = JSON.stringify(report);
  assert.equal(renderReportPage(report), renderReportPage(fullReport()));
  assert.equal(JSON.stringify(report), before);
});

test('whatever numbers and however many of them a report has, the page prints none that is not a number', () => {
  const whole = fc.constantFrom(0, 1, 2, 7, 1_000_000);
  const real = fc.constantFrom(0, 1, -1, 0.5, 1e-12, -1e-12, 1e12, 0.9999999);
  fc.assert(
    fc.property(
      fc.infiniteStream(fc.nat(20)),
      fc.infiniteStream(whole),
      fc.infiniteStream(real),
      (lengths, wholes, reals) => {
        const report = mapNodes(fullReport(), (value, path) => {
          if (path.at(-1) === 'confidence' || path[0] === 'reproduce') return value;
          // Lists of one picture belong together, so only lists of things are cut short.
          if (Array.isArray(value) && value.some((entry) => typeof entry === 'object'))
            return value.slice(0, lengths.next().value);
          if (typeof value === 'number') return Number.isInteger(value) ? wholes.next().value : reals.next().value;
          return value;
        });
        reportSchema.parse(report);
        const page = renderReportPage(report);
        assert.equal(page.match(/.{0,80}(NaN|Infinity|undefined|\[object).{0,20}/)?.[0], undefined);
        assert.equal(unbalancedTag(page), null);
      },
    ),
    { numRuns: 40 },
  );
});

test('lists cut to nothing leave no empty table or picture behind', () => {
  const report: Report = mapNodes(fullReport(), (value, path) =>
    Array.isArray(value) && path[0] !== 'reproduce' ? [] : value,
  );
  const page = renderReportPage(report);
  assert.equal(page.match(/.{0,80}(NaN|Infinity|undefined).{0,20}/)?.[0], undefined);
  assert.equal(page.match(/.{0,80}<(tbody|ul|dl|g|div)[^>]*><\/\1>/)?.[0], undefined);
});

/** A number with an interval on both sides, or the reason for none; other parts of a report have a status of their own. */
function isMeasured(value: unknown): value is { status: string } {
  if (typeof value !== 'object' || value === null || !('status' in value)) return false;
  return value.status === 'measured' ? 'method' in value : !('falseAccusations' in value);
}
