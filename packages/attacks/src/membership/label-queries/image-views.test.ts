import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ImageView, imageViews, viewWriter } from './image-views.js';

const grey = { height: 9, width: 9, channels: 1, strideY: 9, strideX: 1, strideChannel: 0 };

function viewed(view: ImageView, image: Float32Array, layout = grey): Float32Array {
  const row = new Float32Array(image.length);
  viewWriter(view, layout)(image, row);
  return row;
}

/** A bright pixel on dark. */
function dot(y: number, x: number): Float32Array {
  const image = new Float32Array(81);
  image[9 * y + x] = 1;
  return image;
}

describe('views of an image', () => {
  test('are rotations over the whole angle and the shortest shifts, each view once', () => {
    const views = imageViews(20, 15);
    assert.equal(new Set(views.map((view) => JSON.stringify(view))).size, 20);
    const angles = views.flatMap((view) => (view.kind === 'rotation' ? [view.degrees] : []));
    assert.deepEqual([angles.length, Math.min(...angles), Math.max(...angles)], [10, -15, 15]);
    const reach = views.flatMap((view) => (view.kind === 'shift' ? [Math.abs(view.down) + Math.abs(view.right)] : []));
    assert.deepEqual(reach.sort(), [1, 1, 1, 1, 2, 2, 2, 2, 2, 2]);
    assert.equal(imageViews(1, 15).length, 1);
  });

  test('move pixels by whole steps, the edge repeated', () => {
    assert.deepEqual(viewed({ kind: 'shift', down: 2, right: -1 }, dot(3, 4)), dot(5, 3));
    const leftEdge = viewed({ kind: 'shift', down: 0, right: 1 }, dot(4, 0));
    assert.deepEqual([leftEdge[36], leftEdge[37], leftEdge[38]], [1, 1, 0]);
  });

  test('turn about the centre: a quarter turn moves the pixel above it beside it', () => {
    const turned = viewed({ kind: 'rotation', degrees: 90 }, dot(1, 4));
    const brightest = turned.indexOf(Math.max(...turned));
    assert.ok([9 * 4 + 1, 9 * 4 + 7].includes(brightest), `${brightest}`);
    const back = viewed({ kind: 'rotation', degrees: -90 }, turned);
    assert.ok(Math.abs(back[9 + 4] - 1) < 1e-6);
  });

  test('by 0 degrees are the image itself, and a flat image stays flat under any', () => {
    const image = Float32Array.from({ length: 81 }, (_, i) => Math.sin(i));
    assert.deepEqual(viewed({ kind: 'rotation', degrees: 0 }, image), image);
    for (const view of imageViews(12, 15))
      assert.ok(viewed(view, new Float32Array(81).fill(0.5)).every((value) => Math.abs(value - 0.5) < 1e-7));
  });

  test('change every channel alike, whichever way channels are laid out', () => {
    const view: ImageView = { kind: 'rotation', degrees: 11 };
    const planes = [0, 1, 2].map((c) => Float32Array.from({ length: 81 }, (_, i) => Math.cos(i * (c + 1))));
    const expected = planes.map((plane) => viewed(view, plane));
    const last = viewed(
      view,
      Float32Array.from({ length: 243 }, (_, at) => planes[at % 3][Math.floor(at / 3)]),
      {
        ...grey,
        channels: 3,
        strideY: 27,
        strideX: 3,
        strideChannel: 1,
      },
    );
    const first = viewed(view, Float32Array.from(planes.flatMap((plane) => [...plane])), {
      ...grey,
      channels: 3,
      strideChannel: 81,
    });
    for (let c = 0; c < 3; c += 1)
      for (let pixel = 0; pixel < 81; pixel += 1) {
        assert.equal(last[3 * pixel + c], expected[c][pixel]);
        assert.equal(first[81 * c + pixel], expected[c][pixel]);
      }
  });
});
