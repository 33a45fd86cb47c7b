/** The process died here; what had taken effect stays. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** Counts effects, and dies at the one that was drawn. */
export class CrashPoint {
  private left = Number.POSITIVE_INFINITY;
  crashCount = 0;

  /** Dies at the `n`-th effect from now. */
  arm(n: number): void {
    this.left = n;
  }

  disarm(): void {
    this.left = Number.POSITIVE_INFINITY;
  }

  /** Called between any two effects. */
  pass(): void {
    this.left -= 1;
    if (this.left > 0) return;
    this.disarm();
    this.crashCount += 1;
    throw new Crash('killed by the simulation');
  }
}
