/**
 * Fields of forms: a label that is always there, what it is for below it, what is wrong with it in its place. The input knows its label,
 * explanation and error by their ids.
 */
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { Hint, hintId, type LabelledProps } from './hint.tsx';
import './field.css';

interface Common {
  readonly label: string;
  readonly hint?: ComponentChildren;
  readonly error?: string | undefined;
  readonly isRequired?: boolean;
  readonly isDisabled?: boolean;
  /** Seen by screen readers alone: for filters, whose place says what they are. */
  readonly isLabelHidden?: boolean;
}

export interface TextFieldProps extends Common {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly type?: 'text' | 'password' | 'number' | 'search' | 'url' | 'email';
  readonly placeholder?: string;
  readonly autocomplete?: string;
  readonly isMono?: boolean;
  readonly hasFocus?: boolean;
  readonly step?: string;
  /** A list to choose from while typing. */
  readonly suggestions?: readonly string[];
  readonly onKeyDown?: (event: KeyboardEvent) => void;
}

export function TextField(props: TextFieldProps) {
  const {
    value,
    onChange,
    type = 'text',
    placeholder,
    autocomplete = 'off',
    isMono = false,
    hasFocus = false,
    step,
    suggestions,
    onKeyDown,
  } = props;
  // The types know which roles an input of each type may have; which type it is, only the caller knows.
  const inputType = type as 'text';
  const list = useId();
  return (
    <Field {...props}>
      {(ids) => (
        <>
          <input
            {...ids}
            class={`input${isMono ? ' mono' : ''}`}
            type={inputType}
            value={value}
            placeholder={placeholder}
            autocomplete={autocomplete}
            autoFocus={hasFocus}
            spellcheck={false}
            step={step}
            {...(suggestions === undefined ? {} : { list })}
            onInput={(event) => onChange(event.currentTarget.value)}
            onKeyDown={onKeyDown}
          />
          {suggestions !== undefined && (
            <datalist id={list}>
              {suggestions.map((suggestion) => (
                <option key={suggestion} value={suggestion} />
              ))}
            </datalist>
          )}
        </>
      )}
    </Field>
  );
}

export interface TextAreaProps extends Common {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly rows?: number;
  readonly placeholder?: string;
  readonly isMono?: boolean;
}

export function TextArea(props: TextAreaProps) {
  const { value, onChange, rows = 4, placeholder, isMono = false } = props;
  return (
    <Field {...props}>
      {(ids) => (
        <textarea
          {...ids}
          class={`input${isMono ? ' mono' : ''}`}
          rows={rows}
          value={value}
          placeholder={placeholder}
          spellcheck={false}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

export interface SelectFieldProps<Value extends string> extends Common {
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  readonly options: readonly (readonly [value: Value, label: string])[];
}

export function SelectField<Value extends string>(props: SelectFieldProps<Value>) {
  const { value, onChange, options } = props;
  return (
    <Field {...props}>
      {(ids) => (
        <select {...ids} class="input select" value={value} onChange={(event) => onChange(event.currentTarget.value as Value)}>
          {options.map(([option, label]) => (
            <option key={option} value={option} selected={option === value}>
              {label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export interface CheckboxProps extends LabelledProps {
  readonly isChecked: boolean;
  readonly onChange: (isChecked: boolean) => void;
}

export function Checkbox({ label, hint, isChecked, isDisabled = false, onChange }: CheckboxProps) {
  const id = useId();
  return (
    <div class="checkbox">
      <input
        id={id}
        type="checkbox"
        checked={isChecked}
        disabled={isDisabled}
        aria-describedby={hintId(id, hint)}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <div>
        <label for={id}>{label}</label>
        <Hint id={id}>{hint}</Hint>
      </div>
    </div>
  );
}

interface InputIds {
  readonly id: string;
  readonly required: boolean;
  readonly disabled: boolean;
  readonly 'aria-invalid': 'true' | undefined;
  readonly 'aria-describedby': string | undefined;
}

/** For inputs of other kinds: the label and the texts around what `children` makes. */
export function Field(props: Common & { readonly children: (ids: InputIds) => ComponentChildren }) {
  const { label, hint, error, isRequired = false, isDisabled = false, isLabelHidden = false, children } = props;
  const id = useId();
  const described = [hintId(id, hint), error === undefined ? undefined : `${id}-error`].filter((name) => name !== undefined);
  return (
    <div class="field">
      <label for={id} class={isLabelHidden ? 'visually-hidden' : 'field-label'}>
        {label}
        {isRequired && !isLabelHidden && (
          <span class="field-required" aria-hidden="true">
            {' '}
            required
          </span>
        )}
      </label>
      {children({
        id,
        required: isRequired,
        disabled: isDisabled,
        'aria-invalid': error === undefined ? undefined : 'true',
        'aria-describedby': described.length === 0 ? undefined : described.join(' '),
      })}
      {error !== undefined && (
        <p id={`${id}-error`} class="field-error" role="alert">
          {error}
        </p>
      )}
      <Hint id={id}>{hint}</Hint>
    </div>
  );
}
