/** The program `foxx`: manages Foxx services from a terminal, with the commands, options and exit codes of foxx-cli. */
import { runProgram } from '../command.ts';
import { addCommand, initCommand } from './create.ts';
import { developCommand } from './develop.ts';
import { bundleCommand, downloadCommand, ignoreCommand } from './files.ts';
import { installCommand, replaceCommand, upgradeCommand } from './install.ts';
import {
  listCommand,
  runCommand,
  scriptsCommand,
  setDevelopmentCommand,
  setProductionCommand,
  showCommand,
  uninstallCommand,
} from './manage.ts';
import { configCommand, depsCommand } from './options.ts';
import { serverCommand } from './servers.ts';
import { testCommand } from './test.ts';
import { rollbackCommand, versionsCommand } from './versions.ts';

export async function foxx(args: readonly string[]): Promise<void> {
  await runProgram(
    {
      name: 'foxx',
      about: 'Manages and develops Foxx services.',
      commands: [
        addCommand,
        bundleCommand,
        configCommand,
        depsCommand,
        developCommand,
        downloadCommand,
        ignoreCommand,
        initCommand,
        installCommand,
        listCommand,
        replaceCommand,
        rollbackCommand,
        runCommand,
        scriptsCommand,
        serverCommand,
        setDevelopmentCommand,
        setProductionCommand,
        showCommand,
        testCommand,
        uninstallCommand,
        upgradeCommand,
        versionsCommand,
      ],
    },
    args,
  );
}
