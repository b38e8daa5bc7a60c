/**
 * The program: options in, a server, signals out.
 */
import { ConfigError, foxdenVersion, helpText, log, readConfig, type Config } from '#base';
import { checkConfig, startServer, type Server } from './server.ts';
import { setV8Flags } from './v8-flags.ts';

function versionText({ asJson }: { readonly asJson: boolean }): string {
  const facts = {
    version: foxdenVersion(),
    'server-version': foxdenVersion(),
    node: process.version,
    v8: process.versions.v8,
    platform: process.platform,
  };
  return asJson
    ? JSON.stringify(facts)
    : `foxden ${facts.version}\n\n${Object.entries(facts)
        .map(([name, text]) => `${name}: ${text}`)
        .join('\n')}`;
}

/** The first signal to end stops in order, the second at once. */
function listenToSignals(server: Server): void {
  let isStopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (isStopping) {
      log.warning('general', `${signal} again: ending at once`);
      process.exit(1);
    }
    isStopping = true;
    log.info('general', `${signal} received, shutting down. What has begun is finished; a second signal ends at once`);
    try {
      await server.stop();
    } catch (error) {
      log.fatal('general', 'the server did not stop in order', error);
      process.exit(1);
    }
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));
  // What logrotate sends, as to arangod.
  process.on('SIGHUP', () => server.reopenLog());
}

async function start(config: Config, notices: readonly string[]): Promise<Server> {
  if (config['database.directory'] === '') {
    const what = config['storage.url'] === '' ? 'where is the data to be?' : 'where are the files of this coordinator to be?';
    throw new ConfigError(`${what} Give a directory: foxden ./data, or --database.directory ./data`);
  }
  setV8Flags(config['javascript.v8-options']);
  const server = await startServer(config);
  listenToSignals(server);
  for (const notice of notices) log.warning('config', notice);
  for (const url of server.urls) log.info('general', `listening at ${url}`);
  log.info('general', `foxden (version ${foxdenVersion()}) is ready for business. Have fun!`);
  return server;
}

/** Runs the program with the arguments it was given; gives the server if they start one. */
export async function main(args: readonly string[]): Promise<Server | undefined> {
  try {
    const reading = readConfig({ args, env: process.env, cwd: process.cwd() });
    switch (reading.do) {
      case 'help':
        console.log(helpText(reading.section));
        return undefined;
      case 'version':
        console.log(versionText(reading));
        return undefined;
      case 'check':
        checkConfig(reading.config);
        console.log('The options are right.');
        return undefined;
      case 'start':
        return await start(reading.config, reading.notices);
    }
  } catch (error) {
    if (error instanceof ConfigError) console.error(`foxden: ${error.message}`);
    else log.fatal('startup', 'foxden could not start', error);
    process.exit(1);
  }
}
