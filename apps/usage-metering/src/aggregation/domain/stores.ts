export const STORES = ['postgres', 'clickhouse'] as const;
/** Where usage is counted from. */
export type StoreName = (typeof STORES)[number];
