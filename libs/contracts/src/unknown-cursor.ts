import { OrbitError } from './errors.js';

/** A list was asked to go on behind something that no page of it ended with. An empty page would look like its end. */
export function unknownCursor(param: 'cursor' | 'cursor_id' = 'cursor'): OrbitError {
  const message = `${param} is not one that an earlier page of this list answered. Start without ${param}.`;
  return new OrbitError('invalid_field', message, { param });
}
