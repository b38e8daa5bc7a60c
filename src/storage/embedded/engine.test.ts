import { conformance } from '../conformance.suite.ts';
import { openMemoryStorage } from './engine.ts';

conformance('the embedded engine', openMemoryStorage);
conformance('the embedded engine that puts every commit into the data file', () =>
  openMemoryStorage({ applyBytes: 0, journalBytes: 4096, syncIntervalMs: 1 }),
);
conformance('the embedded engine with small limits', () => openMemoryStorage({ applyBytes: 2000, journalBytes: 20_000 }));
