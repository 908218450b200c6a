/** Values that are wrong in one way: how many, and where the first is (an element's place in file order). */
export class ValueTally {
  count = 0;
  first = -1;

  add(element: number): void {
    if (this.count === 0) this.first = element;
    this.count++;
  }
}
