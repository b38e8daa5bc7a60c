/**
 * remove-data-modification-out-variables: OLD and NEW are not set where nobody reads them.
 *
 *   INSERT {…} INTO users   (sets NEW)   =>   INSERT {…} INTO users
 */
import { isModification, mapPipelines, variablesReadByAll } from '../../plan.ts';
import type { Rule } from '../rule.ts';

export const removeDataModificationOutVariables: Rule = {
  name: 'remove-data-modification-out-variables',
  apply: (nodes) =>
    mapPipelines(nodes, (pipeline) => {
      let isChanged = false;
      const trimmed = pipeline.map((node, i) => {
        if (!isModification(node)) return node;
        const { outVariableOld, outVariableNew, ...rest } = node;
        const read = variablesReadByAll(pipeline.slice(i + 1));
        const old = outVariableOld !== undefined && read.has(outVariableOld) ? { outVariableOld } : {};
        const fresh = outVariableNew !== undefined && read.has(outVariableNew) ? { outVariableNew } : {};
        const trimmedNode = { ...rest, ...old, ...fresh };
        if (Object.keys(trimmedNode).length === Object.keys(node).length) return node;
        isChanged = true;
        return trimmedNode;
      });
      return isChanged ? trimmed : pipeline;
    }),
};
