import type { FastifyInstance } from 'fastify';

/** The routes as they were registered, to distinguish "no such route" from "not with this method". */
export class KnownRoutes {
  private readonly methodsByPattern = new Map<string, { pattern: RegExp; methods: Set<string> }>();

  /** Call before any route is registered. */
  watch(fastify: FastifyInstance): void {
    fastify.addHook('onRoute', ({ url, method }) => {
      if (url.includes('*')) return;
      const known = this.methodsByPattern.get(url) ?? {
        pattern: toRegExp(url),
        methods: new Set(),
      };
      for (const name of [method].flat()) known.methods.add(name);
      this.methodsByPattern.set(url, known);
    });
  }

  /** The methods that a path takes; empty when there is no such path. */
  methodsOf(path: string): readonly string[] {
    const methods = new Set<string>();
    for (const known of this.methodsByPattern.values()) {
      if (known.pattern.test(path)) for (const name of known.methods) methods.add(name);
    }
    return [...methods].sort();
  }
}

export const methodRefusal = (methods: readonly string[], method: string): string =>
  `This route takes ${methods.join(', ')}, not ${method}.`;

function toRegExp(url: string): RegExp {
  const segments = url
    .split('/')
    .map((part) => (part.startsWith(':') ? '[^/]+' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')));
  return new RegExp(`^${segments.join('/')}/?$`);
}
