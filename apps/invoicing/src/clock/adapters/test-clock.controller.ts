import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  CLOCK_DRIVER,
  orbPattern,
  TEST_CLOCK_OPERATIONS,
  type OrbAnswer,
  type OrbCall,
  type StandClock,
} from '@orbit/contracts';
import { Handles } from '@orbit/runtime';
import { DriveClock } from '../application/drive-clock.js';
import { ServeTestClock } from '../application/serve-test-clock.js';

/** The test clock as the gateway calls it. */
@Controller()
export class TestClockController {
  constructor(
    private readonly testClock: ServeTestClock,
    private readonly drive: DriveClock,
  ) {}

  @MessagePattern(orbPattern(TEST_CLOCK_OPERATIONS.fetch))
  fetch(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.testClock.fetch(call);
  }

  @MessagePattern(orbPattern(TEST_CLOCK_OPERATIONS.advance))
  advance(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.testClock.advance(call);
  }

  @Handles(CLOCK_DRIVER.stand)
  async stand({ account_id: accountId, now }: StandClock): Promise<null> {
    await this.drive.stand(accountId, Date.parse(now));
    return null;
  }
}
