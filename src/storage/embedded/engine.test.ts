import { openMemoryStorage } from './engine.ts';
import { conformance } from '../conformance.suite.ts';

conformance('the embedded engine', openMemoryStorage);
