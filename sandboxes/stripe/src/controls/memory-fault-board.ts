import type { FaultBoard } from '../world/ports.js';
import { NO_FAULTS, type Faults } from './faults.js';

/** In memory on purpose: a restart is the way out of every fault that was switched on. */
export class MemoryFaultBoard implements FaultBoard {
  private faults: Faults = NO_FAULTS;

  read(): Faults {
    return this.faults;
  }

  write(faults: Faults): void {
    this.faults = faults;
  }
}
