/** Where the pixels of an image lie in its row. */
export interface PixelLayout {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Distance in elements between neighbours along each axis. */
  readonly strideY: number;
  readonly strideX: number;
  readonly strideChannel: number;
}

/** A small change of an image that leaves what it shows recognisable. */
export type ImageView =
  | { readonly kind: 'rotation'; readonly degrees: number }
  | { readonly kind: 'shift'; readonly down: number; readonly right: number };

/** Writes a changed image into a row. */
export type ViewWriter = (image: Float32Array, row: Float32Array) => void;

/**
 * The first `count` of a fixed list: one half rotations, evenly spaced from `-rotationDegrees` to `rotationDegrees`, the
 * other the shifts by the fewest pixels.
 */
export function imageViews(count: number, rotationDegrees: number): ImageView[] {
  const rotations = Math.ceil(count / 2);
  const angles = Array.from({ length: rotations }, (_, k): ImageView => {
    const along = rotations === 1 ? 1 : (2 * k) / (rotations - 1) - 1;
    return { kind: 'rotation', degrees: rotationDegrees * along };
  });
  return [...angles, ...shortestShifts(count - rotations)];
}

/** Whole pixels, by the sum of both ways, the unmoved image left out. */
function shortestShifts(count: number): ImageView[] {
  const shifts: ImageView[] = [];
  for (let far = 1; shifts.length < count; far += 1)
    for (let down = -far; down <= far; down += 1) {
      const right = far - Math.abs(down);
      shifts.push({ kind: 'shift', down, right });
      if (right > 0) shifts.push({ kind: 'shift', down, right: -right });
    }
  return shifts.slice(0, count);
}

/**
 * Rotations turn about the centre and take values between pixels from the four around them; what would come from outside
 * the image is taken from its edge.
 */
export function viewWriter(view: ImageView, layout: PixelLayout): ViewWriter {
  const { places, corners, weights } = samplingOf(view, layout);
  return (image, row) => {
    for (let channel = 0; channel < layout.channels; channel += 1) {
      const offset = channel * layout.strideChannel;
      for (let pixel = 0; pixel < places.length; pixel += 1) {
        let value = 0;
        for (let corner = 4 * pixel; corner < 4 * pixel + 4; corner += 1)
          value += weights[corner] * image[corners[corner] + offset];
        row[places[pixel] + offset] = value;
      }
    }
  };
}

/** Where every pixel of the view goes, the four pixels of the image it lies between, and their bilinear weights. */
function samplingOf(view: ImageView, { height, width, strideY, strideX }: PixelLayout) {
  const places = new Int32Array(height * width);
  const corners = new Int32Array(4 * height * width);
  const weights = new Float64Array(4 * height * width);
  const from = sourceOf(view, height, width);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const [down, right] = from(y, x);
      places[y * width + x] = y * strideY + x * strideX;
      const [top, left] = [Math.floor(down), Math.floor(right)];
      for (let corner = 0; corner < 4; corner += 1) {
        const [below, beside] = [corner >> 1, corner & 1];
        const at = 4 * (y * width + x) + corner;
        corners[at] = within(top + below, height) * strideY + within(left + beside, width) * strideX;
        weights[at] = share(down - top, below) * share(right - left, beside);
      }
    }
  return { places, corners, weights };
}

function sourceOf(view: ImageView, height: number, width: number): (y: number, x: number) => [number, number] {
  if (view.kind === 'shift') return (y, x) => [y - view.down, x - view.right];
  const angle = (view.degrees * Math.PI) / 180;
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  const [middleY, middleX] = [(height - 1) / 2, (width - 1) / 2];
  return (y, x) => [
    middleY + cosine * (y - middleY) - sine * (x - middleX),
    middleX + sine * (y - middleY) + cosine * (x - middleX),
  ];
}

function within(at: number, size: number): number {
  return Math.min(size - 1, Math.max(0, at));
}

function share(fraction: number, far: number): number {
  return far === 1 ? fraction : 1 - fraction;
}
