/** What `foxden cluster check` has found out, one thing in a line. */
import { green, info, red, yellow } from '../../output.ts';

export interface Finding {
  readonly what: string;
  /** `doubtful`: it works, and costs something that somebody may not want to pay. Only what is wrong makes the check fail. */
  readonly is: 'well' | 'doubtful' | 'wrong';
}

const MARK = { well: green('✓'), doubtful: yellow('!'), wrong: red('✗') };

export const well = (what: string): Finding => ({ what, is: 'well' });
export const doubtful = (what: string): Finding => ({ what, is: 'doubtful' });
export const wrong = (what: string): Finding => ({ what, is: 'wrong' });

export function tell({ what, is }: Finding): void {
  info(`${MARK[is]} ${what}`);
}
