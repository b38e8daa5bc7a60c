/** Some of the moments at which a coordinator can die; the others are in `faults.slow.test.ts`. */
import { testFaults } from './faults.suite.ts';

testFaults([
  { change: 'upgrade', at: 'setup', kills: 'asked' },
  { change: 'upgrade', at: 'new code comes', kills: 'other' },
]);
