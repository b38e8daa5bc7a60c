/**
 * What is wrong with the options that somebody gave. It ends the start, with this message alone.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
