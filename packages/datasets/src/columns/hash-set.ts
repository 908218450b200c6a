/** A set of 64-bit hashes, each given as two unsigned halves, in typed arrays: 8 bytes an entry at 60 % load or less. */
export class HashSet64 {
  size = 0;
  private table: Uint32Array;
  private mask: number;

  constructor(expected = 1024) {
    const capacity = 2 ** Math.ceil(Math.log2(Math.max(16, expected / 0.6)));
    this.table = new Uint32Array(2 * capacity);
    this.mask = capacity - 1;
  }

  /** @returns true when the hash was not there yet. */
  add(high: number, low: number): boolean {
    // (0, 0) marks a free place, so that one hash of 2^64 shares its place with (0, 1).
    const second = high === 0 && low === 0 ? 1 : low;
    const place = this.find(high, second);
    if (this.table[place] !== 0 || this.table[place + 1] !== 0) return false;
    this.table[place] = high;
    this.table[place + 1] = second;
    this.size++;
    if (this.size > 0.6 * (this.mask + 1)) this.grow();
    return true;
  }

  has(high: number, low: number): boolean {
    const place = this.find(high, high === 0 && low === 0 ? 1 : low);
    return this.table[place] !== 0 || this.table[place + 1] !== 0;
  }

  /** Removes every hash for which `keep` is false, without growing. */
  retain(keep: (high: number, low: number) => boolean): void {
    this.rebuild(this.mask + 1, keep);
  }

  private find(high: number, low: number): number {
    const { table, mask } = this;
    let slot = (low ^ Math.imul(high, 0x9e3779b1)) & mask;
    while (true) {
      const first = table[2 * slot]!;
      const second = table[2 * slot + 1]!;
      if ((first === high && second === low) || (first === 0 && second === 0)) return 2 * slot;
      slot = (slot + 1) & mask;
    }
  }

  private grow(): void {
    this.rebuild(2 * (this.mask + 1), () => true);
  }

  private rebuild(capacity: number, keep: (high: number, low: number) => boolean): void {
    const old = this.table;
    this.table = new Uint32Array(2 * capacity);
    this.mask = capacity - 1;
    this.size = 0;
    for (let i = 0; i < old.length; i += 2) {
      const high = old[i]!;
      const low = old[i + 1]!;
      if ((high === 0 && low === 0) || !keep(high, low)) continue;
      const place = this.find(high, low);
      this.table[place] = high;
      this.table[place + 1] = low;
      this.size++;
    }
  }
}
