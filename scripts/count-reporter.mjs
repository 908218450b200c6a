// A reporter for Node's test runner: one JSON line with how many tests passed, failed and were skipped.
export default async function* counts(source) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for await (const event of source) {
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
    if (event.data.details?.type === 'suite') continue;
    if (event.data.skip !== undefined && event.data.skip !== false) total.skipped += 1;
    else if (event.type === 'test:pass') total.passed += 1;
    else total.failed += 1;
  }
  yield `${JSON.stringify(total)}\n`;
}
