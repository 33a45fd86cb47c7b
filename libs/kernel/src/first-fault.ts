/** Lets the rest of a list go on when one of it fails, and throws the first failure at the end. */
export class FirstFault {
  private first: { readonly fault: unknown } | null = null;

  /** Undefined: it failed. */
  async keep<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (fault) {
      this.first ??= { fault };
      return undefined;
    }
  }

  throwFirst(): void {
    if (this.first) throw this.first.fault;
  }
}
