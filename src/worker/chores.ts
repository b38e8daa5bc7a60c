/**
 * What a coordinator does because of the others: taking over services that changed elsewhere, doing its part in their activations, and
 * comparing with the database now and then, should it have missed something; and telling what is edited here in development mode. The front calls (`errands.ts`), so each is done by one thread at a
 * time, whichever is free, while the others go on serving what they have.
 */
import { clock, metrics } from '#base';
import type { Cluster } from '#cluster';
import type { Databases } from '#database';
import type { Services } from '#services';

export interface Chore {
  readonly name: string;
  isDue(): boolean;
  run(): void;
}

export interface ChoresOptions {
  readonly cluster: Cluster;
  readonly databases: Databases;
  readonly services: Services;
  readonly healIntervalMs: number;
}

const HEALED = 'healed up to announcement';
const HEALED_LIFE = 'healed in life';
const HEAL_AT = 'heal next at';
const LOOK_AT_EDITS = 'edits looked at next';
const LOOK_AT_EDITS_MS = 1_000;
const ANSWERED = 'answered up to announcement';
const ATTENDED = 'attended up to announcement';

/** None for a server that is alone. */
export function clusterChores({ cluster, databases, services, healIntervalMs }: ChoresOptions): readonly Chore[] {
  if (!cluster.isShared) return [];
  const isAllDue = (): boolean => clock.now() >= Number(cluster.note(HEAL_AT)) || Number(cluster.note(HEALED_LIFE)) !== cluster.life;
  const isNewsDue = (): boolean => cluster.versionElsewhere('services') > Number(cluster.note(HEALED));

  return [
    {
      name: 'heal',
      isDue: () => isAllDue() || isNewsDue(),
      run: () => {
        const startedAt = clock.monotonic();
        const [life, seen] = [cluster.life, cluster.versionElsewhere('services')];
        const all = databases.list().map((name) => databases.get(name));
        if (isAllDue()) {
          services.distribution.heal(all);
          noteHealed(cluster, healIntervalMs);
        } else {
          services.distribution.takeOver(all);
          metrics.observe('foxden_cluster_news_lag', cluster.newsAgeMs() / 1000);
        }
        cluster.setNote(HEALED, BigInt(seen));
        cluster.catchUp(life);
        metrics.add('foxden_cluster_heals_total');
        metrics.observe('foxden_cluster_heal_duration', (clock.monotonic() - startedAt) / 1000);
      },
    },
    {
      name: 'attend',
      isDue: () => cluster.versionElsewhere('activations') > Number(cluster.note(ATTENDED)),
      run: () => {
        const seen = cluster.versionElsewhere('activations');
        services.distribution.attendToActivations();
        cluster.setNote(ATTENDED, BigInt(seen));
      },
    },
    {
      name: 'edits',
      isDue: () => clock.now() >= Number(cluster.note(LOOK_AT_EDITS)) && services.developmentMode.isWatched,
      run: () => {
        services.developmentMode.watchEdits();
        cluster.setNote(LOOK_AT_EDITS, BigInt(Math.floor(clock.now() + LOOK_AT_EDITS_MS)));
      },
    },
    {
      name: 'answer',
      isDue: () => cluster.versionElsewhere('edits') > Number(cluster.note(ANSWERED)),
      run: () => {
        const seen = cluster.versionElsewhere('edits');
        services.developmentMode.answerAboutEdits();
        cluster.setNote(ANSWERED, BigInt(seen));
      },
    },
  ];
}

/** All has just been compared with the database; the next time is a little sooner or later than that of others. */
export function noteHealed(cluster: Cluster, healIntervalMs: number): void {
  cluster.setNote(HEALED_LIFE, BigInt(cluster.life));
  cluster.setNote(HEAL_AT, BigInt(Math.floor(clock.now() + healIntervalMs * (0.75 + Math.random() / 2))));
}
