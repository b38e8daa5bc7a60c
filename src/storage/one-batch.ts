/** A cursor over what is there already: one batch, or none when that is empty. */
import type { BatchCursor } from './engine.ts';

export function cursorOf<Batch extends { readonly count: number }>(batch: Batch): BatchCursor<Batch> {
  let rest = batch.count === 0 ? undefined : batch;
  return {
    next() {
      const given = rest;
      rest = undefined;
      return given;
    },
    close() {
      rest = undefined;
    },
  };
}
