/** A few exclusive choices side by side: radio buttons that look like one control. */
import type { IconNode } from 'lucide';
import { useId } from 'preact/hooks';
import { Icon } from './icon.tsx';
import './choice.css';

export interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly { readonly value: Value; readonly label: string; readonly icon?: IconNode }[];
  readonly onChange: (value: Value) => void;
}

export function Choice<Value extends string>({ label, value, options, onChange }: ChoiceProps<Value>) {
  const name = useId();
  return (
    <fieldset class="choice">
      <legend class="visually-hidden">{label}</legend>
      {options.map((option) => (
        <label key={option.value} class="choice-option">
          <input type="radio" name={name} value={option.value} checked={option.value === value} onChange={() => onChange(option.value)} />
          {option.icon !== undefined && <Icon icon={option.icon} />}
          {option.label}
        </label>
      ))}
    </fieldset>
  );
}
