/** A plan to look at: what the query does step by step, what each step is thought to cost or was seen to take, and by which rules it came to be. */
import { TriangleAlert } from 'lucide';
import { Badge } from '../../components/badge.tsx';
import { Icon } from '../../components/icon.tsx';
import { allSteps, type Plan, type PlanStep } from './plan.ts';
import './plan-view.css';

export function PlanView({ plan }: { readonly plan: Plan }) {
  const steps = allSteps(plan.steps);
  const isProfiled = plan.seconds !== undefined;
  const most = isProfiled
    ? Math.max(...steps.map(({ profile }) => profile?.seconds ?? 0))
    : Math.max(...steps.map(({ ownCost }) => ownCost));
  return (
    <div class="plan frame" role="region" aria-label={isProfiled ? 'Profile' : 'Plan'} tabIndex={0}>
      <dl class="plan-sums">
        {plan.seconds !== undefined && (
          <div>
            <dt>Time in steps</dt>
            <dd>{timeText(plan.seconds)}</dd>
          </div>
        )}
        <div>
          <dt>Estimated cost</dt>
          <dd>{countText(plan.cost)}</dd>
        </div>
        <div>
          <dt>Estimated rows</dt>
          <dd>{countText(plan.items)}</dd>
        </div>
        <div>
          <dt>Collections</dt>
          <dd>
            {plan.collections.length === 0
              ? 'none'
              : plan.collections.map(({ name, access }) => (
                  <span key={name} class="plan-collection">
                    <span class="mono">{name}</span> <span class="faint">{access}</span>
                  </span>
                ))}
          </dd>
        </div>
      </dl>
      <div class="plan-head" aria-hidden="true">
        <span>Step</span>
        {isProfiled && <span>Calls</span>}
        <span>Rows</span>
        <span>{isProfiled ? 'Time' : 'Cost'}</span>
      </div>
      <ol class="plan-steps">
        {plan.steps.map((step) => (
          <Step key={step.id} step={step} most={most} isProfiled={isProfiled} />
        ))}
      </ol>
      {plan.indexes.length > 0 && (
        <section class="plan-part">
          <h2>Indexes used</h2>
          <table class="plan-table">
            <thead>
              <tr>
                <th scope="col">Collection</th>
                <th scope="col">Index</th>
                <th scope="col">Type</th>
                <th scope="col">Fields</th>
                <th scope="col">Selectivity</th>
              </tr>
            </thead>
            <tbody>
              {plan.indexes.map((index) => (
                <tr key={`${index.collection}/${index.name}/${index.fields.join()}`}>
                  <td class="mono">{index.collection}</td>
                  <td class="mono">{index.name}</td>
                  <td>
                    {index.type}
                    {index.isUnique && ', unique'}
                    {index.isSparse && ', sparse'}
                  </td>
                  <td class="mono">
                    {index.fields.join(', ')}
                    {index.storedValues.length > 0 && ` + ${index.storedValues.join(', ')}`}
                  </td>
                  <td>{index.selectivity === undefined ? '–' : `${(index.selectivity * 100).toFixed(2)} %`}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      <section class="plan-part">
        <h2>Rules applied</h2>
        {plan.rules.length === 0 ? (
          <p class="soft">None: there was nothing to improve.</p>
        ) : (
          <ul class="plan-rules">
            {plan.rules.map((rule) => (
              <li key={rule}>
                <Badge>{rule}</Badge>
              </li>
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}

interface StepProps {
  readonly step: PlanStep;
  readonly most: number;
  readonly isProfiled: boolean;
}

function Step({ step, most, isProfiled }: StepProps) {
  const { verb, text, notes, warning, ownCost, items, profile, steps } = step;
  const amount = isProfiled ? (profile?.seconds ?? 0) : ownCost;
  const share = most > 0 ? amount / most : 0;
  return (
    <li>
      <div class="plan-step">
        <div class="plan-what">
          <span class="plan-line">
            <span class="plan-verb">{verb}</span> {text}
          </span>
          {(notes.length > 0 || warning !== undefined) && (
            <span class="plan-notes">
              {warning !== undefined && (
                <span class="plan-warning" title={warning}>
                  <Icon icon={TriangleAlert} size={13} />
                  <span class="visually-hidden">{warning}</span>
                </span>
              )}
              {notes.join(' · ')}
            </span>
          )}
        </div>
        {isProfiled && (
          <span class="plan-count">
            <span class="visually-hidden">calls </span>
            {profile === undefined ? '' : countText(profile.calls)}
          </span>
        )}
        <span class="plan-count" title={isProfiled ? `Estimated: ${countText(items)}` : undefined}>
          <span class="visually-hidden">rows </span>
          {countText(profile?.items ?? items)}
          {profile !== undefined && profile.filtered > 0 && <span class="faint"> −{countText(profile.filtered)}</span>}
        </span>
        <span class="plan-amount">
          <span class="plan-bar" aria-hidden="true">
            <span class={share > 0.6 ? 'much' : ''} style={{ width: `${Math.max(share > 0 ? 2 : 0, share * 100)}%` }} />
          </span>
          <span class="visually-hidden">{isProfiled ? 'time ' : 'cost '}</span>
          <span class="plan-number">{isProfiled ? (profile === undefined ? '' : timeText(profile.seconds)) : countText(ownCost)}</span>
        </span>
      </div>
      {steps.length > 0 && (
        <ol>
          {steps.map((inner) => (
            <Step key={inner.id} step={inner} most={most} isProfiled={isProfiled} />
          ))}
        </ol>
      )}
    </li>
  );
}

function countText(count: number): string {
  if (count >= 1e6) return count.toLocaleString('en', { notation: 'compact', maximumFractionDigits: 1 });
  return count.toLocaleString('en', { maximumFractionDigits: count < 10 ? 1 : 0 });
}

export function timeText(seconds: number): string {
  if (seconds >= 1) return `${seconds.toFixed(2)} s`;
  const ms = seconds * 1000;
  return ms >= 1 ? `${ms.toFixed(ms < 10 ? 2 : 1)} ms` : `${(ms * 1000).toFixed(0)} µs`;
}
