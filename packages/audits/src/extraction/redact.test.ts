import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redactPieces, showPieces } from './redact.js';

test('masks addresses, links, digits and capitalised words, and nothing else', () => {
  const [shown] = redactPieces([
    'write to jane.doe@example.org or call Bob at 555-0199 see http://x.example/a?b=1 today',
  ]);
  assert.equal(shown, `write to ${'•'.repeat(20)} or call ••• at •••-•••• see ${'•'.repeat(22)} today`);
});

test('masks what spans several pieces and keeps every piece its length', () => {
  const pieces = ['mail ja', 'ne@exam', 'ple.org', ' now'];
  const shown = redactPieces(pieces);
  assert.deepEqual(shown, ['mail ••', '•••••••', '•••••••', ' now']);
});

test('hidden pieces are empty, shown pieces are as they are', () => {
  assert.deepEqual(showPieces(['Ann', ' 1'], 'hidden'), ['', '']);
  assert.deepEqual(showPieces(['Ann', ' 1'], 'shown'), ['Ann', ' 1']);
});
