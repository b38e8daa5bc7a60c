/** A hundred upgrades under constant requests. */
import { testUpgrades } from './upgrades.suite.ts';

testUpgrades(100);
