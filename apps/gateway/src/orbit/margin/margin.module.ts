import type { Feature } from '@orbit/runtime';
import { MarginController } from './margin.controller.js';

/** Margin; the ledger answers. */
export const marginFeature = (): Feature => ({ controllers: [MarginController] });
