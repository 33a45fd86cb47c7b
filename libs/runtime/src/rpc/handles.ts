import { MessagePattern } from '@nestjs/microservices';
import type { Operation } from '@orbit/contracts';
import { shapeReader } from '../shapes/read-shape.js';

type Handler<Q, A> = (request: Q) => Promise<A>;

/**
 * A method that carries out an operation for whoever asks over Nest TCP. What comes in is read by the operation's
 * own shape first: the method never sees anything else. Errors: as the shape's reader, before the method.
 */
export function Handles<Q, A>(operation: Operation<Q, A>) {
  const read = shapeReader(operation.request, { root: 'request', isClosed: false });
  return <H extends Handler<Q, A>>(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<H>,
  ): void => {
    const handler = descriptor.value;
    if (!handler) return;
    const handle = async function (this: unknown, payload: unknown): Promise<A> {
      // Whoever asks for nothing in particular may send nothing.
      return handler.call(this, read(payload === undefined ? {} : payload));
    };
    descriptor.value = handle as unknown as H;
    MessagePattern(operation.name)(target, key, descriptor as PropertyDescriptor);
  };
}
