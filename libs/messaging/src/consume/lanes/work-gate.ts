/**
 * Bounds what is worked on at once by its size. Who does not fit waits its turn; one alone always fits,
 * whatever its size.
 */
export class WorkGate {
  private size = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly sizeMax: number) {}

  /** `sizeOf` is asked when there is room, because what waits may grow meanwhile. */
  async run<T>(sizeOf: () => number, work: () => Promise<T>): Promise<T> {
    let size = sizeOf();
    while (this.size > 0 && this.size + size > this.sizeMax) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
      size = sizeOf();
    }
    this.size += size;
    try {
      return await work();
    } finally {
      this.size -= size;
      for (const wake of this.waiting.splice(0)) wake();
    }
  }
}
