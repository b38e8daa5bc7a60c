/** What an import did, and what is not as it was: for people, and as JSON. */
import { bold, green, info, red, table, yellow } from '../../output.ts';

export interface Remark {
  /** `lost`: is not there. `different`: is there, and not the same. */
  readonly is: 'lost' | 'different';
  /** `shop/customers`, `shop service /cart` */
  readonly what: string;
  readonly why: string;
}

export class ImportReport {
  readonly counts = { databases: 0, collections: 0, documents: 0, indexes: 0, graphs: 0, functions: 0, users: 0, services: 0 };
  readonly remarks: Remark[] = [];
  readonly services: { readonly database: string; readonly mount: string; readonly state: string }[] = [];

  lost(what: string, why: string): void {
    this.remarks.push({ is: 'lost', what, why });
  }

  different(what: string, why: string): void {
    this.remarks.push({ is: 'different', what, why });
  }

  toJSON(): unknown {
    return { ...this.counts, services: this.services, remarks: this.remarks };
  }

  print(): void {
    info(`\n${bold('Imported')}`);
    info(
      Object.entries(this.counts)
        .map(([name, count]) => `  ${name.padEnd(12)} ${count.toLocaleString('en')}`)
        .join('\n'),
    );
    if (this.services.length > 0) {
      info(`\n${bold('Services')}`);
      info(
        table(
          ['Database', 'Mount', 'State'],
          this.services.map(({ database, mount, state }) => [database, mount, state === 'runs' ? green(state) : red(state)]),
        ),
      );
    }
    info(`\n${bold('Compatibility')}`);
    if (this.remarks.length === 0) info('  Everything is as it was.');
    for (const { is, what, why } of this.remarks) info(`  ${is === 'lost' ? red('✗') : yellow('≠')} ${what}: ${why}`);
  }
}
