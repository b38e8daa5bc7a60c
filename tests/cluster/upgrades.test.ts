/** A few upgrades under constant requests; a hundred are in `upgrades.slow.test.ts`. */
import { testUpgrades } from './upgrades.suite.ts';

testUpgrades(4);
