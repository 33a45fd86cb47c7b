export { ADJUSTMENT_TYPES, CREDIT_ENTRY_TYPES, resolveSchema, type Schema } from './document.js';
export { decodeCursor, encodeCursor, fingerprintOf, type CursorPosition } from './cursor.js';
export {
  notFound,
  ORB_ERRORS,
  problemOf,
  type OrbErrorCode,
  type OrbProblem,
  type OrbRefusal,
} from './errors.js';
export { matchOperation, type OperationMatch } from './match-operation.js';
export {
  findOperation,
  ORB_OPERATIONS,
  ORB_ROUTES,
  SEED_ROUTES,
  type OrbMethod,
  type OrbOperation,
} from './operations.js';
export { readQuery, type QueryValue, type ReadQuery } from './read-query.js';
export { bodyFaults, queryFaults, responseFaults } from './validate.js';
export {
  answered,
  invalid,
  noContent,
  NOT_A_CURSOR,
  pageOf,
  pageQueryOf,
  refused,
  type Changes,
  type Listed,
  type ListPosition,
  type PageQuery,
} from './owner/answer-orb.js';
export { createdBetween, instantIn, type CreatedBetween } from './owner/created-between.js';
export { ExactNumber, printJson } from './owner/print-json.js';
export { mergeMetadata, type Metadata } from './owner/metadata.js';
