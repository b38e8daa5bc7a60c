/** Mean and variance of numbers that come one by one, by Welford's method, which keeps its precision. */
export class Moments {
  #count = 0;
  #mean = 0;
  #squares = 0;

  add(value: number): void {
    this.#count++;
    const delta = value - this.#mean;
    this.#mean += delta / this.#count;
    this.#squares += delta * (value - this.#mean);
  }

  /** `degreesOfFreedom` are 0 for a population, 1 for a sample. Null when there are too few numbers, or too large ones. */
  variance(degreesOfFreedom: 0 | 1): number | null {
    if (this.#count <= degreesOfFreedom) return null;
    const variance = this.#squares / (this.#count - degreesOfFreedom);
    return Number.isFinite(variance) ? variance : null;
  }

  deviation(degreesOfFreedom: 0 | 1): number | null {
    const variance = this.variance(degreesOfFreedom);
    return variance === null ? null : Math.sqrt(variance);
  }
}
