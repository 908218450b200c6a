import assert from 'node:assert/strict';
import { posix, win32 } from 'node:path';
import { describe, it } from 'node:test';
import { EngramError } from '@engram/domain';
import fc from 'fast-check';
import { checkUploadPath } from './upload-path.js';

describe('checkUploadPath', () => {
  it('takes plain relative paths', () => {
    for (const path of ['x.npy', 'data/x.npy', 'a b/ü-漢.csv', '..a/b..', '.hidden'])
      assert.equal(checkUploadPath(path), path);
  });

  it('refuses everything that could leave the folder or hide', () => {
    const bad = ['', '/x', '..', 'a/../b', './a', 'a//b', 'a/', 'a\\b', 'C:x', 'a\0b', 'a\nb', 'a\u202eb', '\ud800'];
    bad.push('x'.repeat(513), `${'x'.repeat(256)}`, Array(17).fill('x').join('/'));
    for (const path of bad)
      assert.throws(
        () => checkUploadPath(path, '/parts/0'),
        (error) =>
          error instanceof EngramError &&
          error.code === 'ENG_ARCHIVE_UNSAFE' &&
          error.faults[0]?.pointer === '/parts/0',
        JSON.stringify(path),
      );
  });

  it('lets nothing through that resolves outside', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('.', '/', 'a', '\\', ':', ' ') }), (path) => {
        let accepted = true;
        try {
          checkUploadPath(path);
        } catch {
          accepted = false;
        }
        if (!accepted) return;
        assert.ok(posix.resolve('/root/inside', path).startsWith('/root/inside/'), path);
        assert.ok(win32.resolve('C:\\root\\inside', path).startsWith('C:\\root\\inside\\'), path);
      }),
      { numRuns: 2000 },
    );
  });
});
