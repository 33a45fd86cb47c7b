/** Lets the rest of a list go on when one of it fails, and throws the first failure at the end. */
export class FirstFault {
  private first: { readonly fault: unknown } | null = null;

  async keep(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (fault) {
      this.first ??= { fault };
    }
  }

  throwFirst(): void {
    if (this.first) throw this.first.fault;
  }
}
