import { createRandom, deriveSeed } from '@engram/numeric';
import { drawAround, NormalEstimate } from './boundary-normal.js';
import { type BoundaryStarts, nearestStart } from './boundary-starts.js';
import { clipTo, type InputRange } from './input-range.js';
import {
  askLabels,
  type LabelledSamples,
  type LabelMeasurement,
  type LabelOracle,
  rowWidth,
  sampleRow,
} from './label-oracle.js';

export interface BoundarySettings {
  /** The most queries one sample may take, starting points not counted. */
  readonly queries: number;
  readonly range: InputRange;
  readonly starts: BoundaryStarts;
  readonly seed: number;
}

/** Queries of the first estimate of a direction; the t-th takes sqrt(t) times as many. */
const firstDraws = 100;
/** With fewer the direction is mostly noise, and the sample is left where it is. */
const fewestDraws = 20;
/** A step that has been halved so often without crossing the boundary is given up. */
const longestStepSearch = 10;

/**
 * HopSkipJump: the Euclidean distance from a sample to the nearest input found that the model labels otherwise. A point
 * beyond the boundary is brought back to it by bisection, the boundary's normal there is estimated from the labels of
 * random points around, and a step along it is halved until it still lies beyond. All samples move together, so the
 * model is asked large batches. The result is an upper bound: the nearest of the boundary points met.
 *
 * Against the paper: bisection is at least as fine as 1/1000 and the normal is estimated within 1/100 of the distance,
 * which only matters below 100 dimensions; a walk starts from the nearest of many known points, and keeps its best.
 *
 * @param settings.starts their rows have the width of the samples.
 * @returns (n) in units of the input; 0 for a misclassified sample, the diagonal of the input range for one no start is
 *   labelled unlike. Higher = more member-like.
 * @see Chen, Jordan and Wainwright 2020, "HopSkipJumpAttack: A Query-Efficient Decision-Based Attack", algorithm 2, L2.
 */
export async function boundaryDistances(
  samples: LabelledSamples,
  oracle: LabelOracle,
  settings: BoundarySettings,
): Promise<LabelMeasurement> {
  const walk = new BoundaryWalk(samples, oracle, settings);
  await walk.start();
  for (let round = 1; walk.goesOn; round += 1) await walk.advance(round);
  return { values: walk.nearest, queries: walk.queries };
}

/** The samples on their way: one point beyond the boundary each. */
class BoundaryWalk {
  /** (n) distance of the nearest boundary point met. */
  readonly nearest: Float64Array;
  private readonly samples: LabelledSamples;
  private readonly oracle: LabelOracle;
  private readonly settings: BoundarySettings;
  private readonly width: number;
  private readonly searchSteps: number;
  /** (n, width) labelled unlike the sample. */
  private readonly points: Float32Array;
  /** (n, width) unit normals, into the other side. */
  private readonly normals: Float32Array;
  /** (n) of the current point. */
  private readonly distances: Float64Array;
  private readonly spent: Int32Array;
  private walking: number[] = [];

  constructor(samples: LabelledSamples, oracle: LabelOracle, settings: BoundarySettings) {
    const n = samples.labels.length;
    this.samples = samples;
    this.oracle = oracle;
    this.settings = settings;
    this.width = rowWidth(oracle);
    this.searchSteps = Math.ceil(-Math.log2(Math.min(1e-3, this.width ** -1.5)));
    this.points = new Float32Array(n * this.width);
    this.normals = new Float32Array(n * this.width);
    this.distances = new Float64Array(n);
    this.nearest = new Float64Array(n);
    this.spent = new Int32Array(n);
  }

  get queries(): number {
    return this.spent.reduce((sum, each) => sum + each, 0);
  }

  get goesOn(): boolean {
    return this.walking.length > 0;
  }

  /** Finds out which samples are labelled rightly, and brings each of those to the boundary. */
  async start(): Promise<void> {
    const { starts, range } = this.settings;
    const right: number[] = [];
    const all = Array.from(this.nearest.keys());
    await this.ask(
      all,
      (i, row) => row.set(this.sample(i)),
      (i, flipped) => {
        if (!flipped) right.push(i);
      },
    );
    for (const i of right) {
      const start = nearestStart(starts, this.sample(i), this.samples.labels[i]);
      if (start === -1) this.nearest[i] = (range[1] - range[0]) * Math.sqrt(this.width);
      else {
        this.point(i).set(starts.points.subarray(start * this.width, (start + 1) * this.width));
        this.nearest[i] = Number.POSITIVE_INFINITY;
        this.walking.push(i);
      }
    }
    await this.returnToBoundary(this.walking);
  }

  /** One estimate of the normal, one step along it, and back to the boundary. */
  async advance(round: number): Promise<void> {
    const draws = (i: number) => Math.min(Math.round(firstDraws * Math.sqrt(round)), this.affordableDraws(i));
    this.walking = this.walking.filter((i) => draws(i) >= fewestDraws && this.distances[i] > 0);
    if (!this.goesOn) return;
    await this.estimateNormals(round, draws);
    await this.returnToBoundary(await this.step(round));
  }

  /** What the budget leaves once the way back to the boundary is paid for. */
  private affordableDraws(i: number): number {
    return this.settings.queries - this.spent[i] - this.searchSteps - longestStepSearch;
  }

  private async estimateNormals(round: number, draws: (i: number) => number): Promise<void> {
    const queries = this.walking.flatMap((i) => new Array<number>(draws(i)).fill(i));
    const { range, seed } = this.settings;
    const estimate = new NormalEstimate(this.width);
    // Queries of one sample follow each other, so one stream and one estimate are enough.
    let random = createRandom(0);
    let drawnFor = -1;
    let readFor = -1;
    await this.ask(
      queries,
      (i, row) => {
        if (i !== drawnFor) random = createRandom(deriveSeed(seed, 'normal', this.samples.first + i, round));
        drawnFor = i;
        drawAround(this.point(i), this.probeRadius(i, round), range, random, row);
      },
      (i, flipped, row) => {
        if (i !== readFor && readFor !== -1) estimate.write(this.normal(readFor));
        if (i !== readFor) estimate.clear();
        readFor = i;
        estimate.add(this.point(i), row, flipped);
      },
    );
    estimate.write(this.normal(readFor));
  }

  /** Steps start at distance / sqrt(round). @returns the samples that crossed the boundary and were moved. */
  private async step(round: number): Promise<number[]> {
    const moved: number[] = [];
    let pending = this.walking;
    for (let halvings = 0; halvings < longestStepSearch && pending.length > 0; halvings += 1) {
      const short: number[] = [];
      await this.ask(
        pending,
        (i, row) => {
          const reach = this.distances[i] / (Math.sqrt(round) * 2 ** halvings);
          const [point, normal] = [this.point(i), this.normal(i)];
          for (let j = 0; j < this.width; j += 1) row[j] = clipTo(this.settings.range, point[j] + reach * normal[j]);
        },
        (i, flipped, row) => {
          if (!flipped) return short.push(i);
          this.point(i).set(row);
          return moved.push(i);
        },
      );
      pending = short;
    }
    return moved;
  }

  /** Bisects between each sample and its point; the point ends on the far side of the boundary, close to it. */
  private async returnToBoundary(moved: readonly number[]): Promise<void> {
    const near = new Float64Array(this.nearest.length);
    const far = new Float64Array(this.nearest.length).fill(1);
    const blend = (i: number, along: number, row: Float32Array) => {
      const [from, to] = [this.sample(i), this.point(i)];
      for (let j = 0; j < this.width; j += 1) row[j] = from[j] + along * (to[j] - from[j]);
    };
    for (let k = 0; k < this.searchSteps; k += 1)
      await this.ask(
        moved,
        (i, row) => blend(i, (near[i] + far[i]) / 2, row),
        (i, flipped) => {
          (flipped ? far : near)[i] = (near[i] + far[i]) / 2;
        },
      );
    for (const i of moved) {
      blend(i, far[i], this.point(i));
      this.distances[i] = distance(this.sample(i), this.point(i));
      this.nearest[i] = Math.min(this.nearest[i], this.distances[i]);
    }
  }

  /** How far around a point its neighbourhood is probed. */
  private probeRadius(i: number, round: number): number {
    const [lowest, highest] = this.settings.range;
    if (round === 1) return 0.1 * Math.min(highest - lowest, this.distances[i]);
    return Math.min(0.01, 1 / this.width) * this.distances[i];
  }

  /** Asks one query for each entry of `whose`, and whether the answer differs from that sample's label. */
  private async ask(
    whose: readonly number[],
    write: (i: number, row: Float32Array) => void,
    read: (i: number, flipped: boolean, row: Float32Array) => void,
  ): Promise<void> {
    await askLabels(
      this.oracle,
      whose.length,
      (query, row) => write(whose[query], row),
      (query, label, row) => {
        const i = whose[query];
        this.spent[i] += 1;
        read(i, label !== this.samples.labels[i], row);
      },
    );
  }

  private sample(i: number): Float32Array {
    return sampleRow(this.samples, this.width, i);
  }

  private point(i: number): Float32Array {
    return this.points.subarray(i * this.width, (i + 1) * this.width);
  }

  private normal(i: number): Float32Array {
    return this.normals.subarray(i * this.width, (i + 1) * this.width);
  }
}

function distance(a: Float32Array, b: Float32Array): number {
  let squares = 0;
  for (let j = 0; j < a.length; j += 1) squares += (a[j] - b[j]) ** 2;
  return Math.sqrt(squares);
}
