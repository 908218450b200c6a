import assert from 'node:assert/strict';
import { test } from 'node:test';
import { visibleText } from './visible-text.js';

test('direction overrides and control characters are written out', () => {
  assert.equal(visibleText('a\u202eb\u0000c\u200b'), 'a\\u202eb\\u0000c\\u200b');
});

test('line feeds, tabs and ordinary scripts are kept', () => {
  assert.equal(visibleText('a\n\tß 漢 é 😀'), 'a\n\tß 漢 é 😀');
});
