import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { html, render } from './html.js';

test('text and attribute values are escaped, markup is kept', () => {
  const inner = html`<b>${'a < b & "c"'}</b>`;
  assert.equal(
    html`<p title="${`it's "x"`}">${inner}</p>`.markup,
    '<p title="it&#39;s &quot;x&quot;"><b>a &lt; b &amp; &quot;c&quot;</b></p>',
  );
});

test('absent values leave nothing and zero is kept', () => {
  assert.equal(html`[${null}${undefined}${false}${0}${['a', html`<i>b</i>`]}]`.markup, '[0a<i>b</i>]');
});

test('no text can open or close a tag or end an attribute', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/[<>"']/.test(render(text))));
});
