/** Jest's own environment for Node, which tells a test file that one of its tests has failed: `orbitHasFailed`. */
import { TestEnvironment } from 'jest-environment-node';

export default class NotingFailuresEnvironment extends TestEnvironment {
  handleTestEvent(event) {
    const hasFailed =
      (event.name === 'test_done' && event.test.errors.length > 0) || event.name === 'hook_failure';
    if (hasFailed) this.global.orbitHasFailed = true;
  }
}
