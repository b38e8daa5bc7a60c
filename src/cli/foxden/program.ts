/** What `foxden` does besides being the server: tools that talk to one. */
import { runProgram } from '../command.ts';
import { backupCommand, restoreCommand } from './backup.ts';
import { checkCommand } from './check.ts';
import { clusterCommand } from './cluster/cluster.ts';
import { importCommand } from './import-command.ts';
import { shellCommand } from './shell/shell.ts';

export async function foxdenTool(args: readonly string[]): Promise<void> {
  await runProgram(
    {
      name: 'foxden',
      about: 'Without a command it is the server: foxden ./data (see foxden --help). Tools for one:',
      commands: [backupCommand, checkCommand, clusterCommand, importCommand, restoreCommand, shellCommand],
    },
    args,
  );
}
