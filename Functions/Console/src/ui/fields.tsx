import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import type { Problem } from '../api/problem';
import { joinSize, sizeUnits, type SizeUnit } from '../formats/bytes';
import { Icon } from './icon';

interface FieldProps {
  label: string;
  /** What the field means and where to find it. */
  hint?: ComponentChildren;
  /** What is wrong with its value. */
  error?: string | undefined;
  optional?: boolean;
}

/** A label, a control, its explanation and what is wrong with it, tied together. */
function Field({
  label,
  hint,
  error,
  optional,
  children,
}: FieldProps & {
  children: (attributes: { id: string; 'aria-describedby': string | undefined; 'aria-invalid': boolean }) => ComponentChildren;
}) {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The first wrong field of a form takes the focus.
    const form = box.current?.closest('form');
    if (error && form?.querySelector('[aria-invalid="true"]')?.id === id) {
      document.getElementById(id)?.focus();
    }
  }, [error]);
  const described = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ');
  return (
    <div class={error ? 'field invalid' : 'field'} ref={box}>
      <label for={id}>
        {label}
        {optional && <span class="muted"> (optional)</span>}
      </label>
      {children({ id, 'aria-describedby': described || undefined, 'aria-invalid': Boolean(error) })}
      {error && (
        <p class="field-error" id={`${id}-error`}>
          <Icon name="alert" />
          {error}
        </p>
      )}
      {hint && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

interface TextProps extends FieldProps {
  value: string;
  onValue: (value: string) => void;
  /** Hidden while it is typed, and not offered again by the browser. */
  secret?: boolean;
  /** For secrets of several lines, such as JSON keys. */
  multiline?: boolean;
  required?: boolean;
  placeholder?: string | undefined;
  monospace?: boolean;
  maxLength?: number;
}

export function TextField({ value, onValue, secret, multiline, required, placeholder, monospace, maxLength, ...field }: TextProps) {
  const shared = {
    value,
    placeholder,
    maxLength,
    spellcheck: false,
    'aria-required': required,
    autoCapitalize: 'off' as const,
    onInput: (event: { currentTarget: HTMLInputElement | HTMLTextAreaElement }) => onValue(event.currentTarget.value),
  };
  return (
    <Field {...field}>
      {attributes =>
        multiline ? (
          <textarea {...attributes} {...shared} rows={4} class={secret ? 'code concealed' : monospace ? 'code' : ''} autoComplete="off" />
        ) : secret ? (
          <input {...attributes} {...shared} type="password" class="code" autoComplete="new-password" />
        ) : (
          <input {...attributes} {...shared} type="text" class={monospace ? 'code' : ''} autoComplete="off" />
        )
      }
    </Field>
  );
}

export function SelectField<T extends string>({
  value,
  onValue,
  options,
  ...field
}: FieldProps & {
  value: T;
  onValue: (value: T) => void;
  options: readonly (readonly [value: T, label: string])[];
}) {
  return (
    <Field {...field}>
      {attributes => (
        <select {...attributes} value={value} onChange={event => onValue(event.currentTarget.value as T)}>
          {options.map(([option, label]) => (
            <option key={option} value={option}>
              {label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** A size as it is being entered. */
export interface EnteredSize {
  amount: string;
  unit: SizeUnit;
}

/** Bytes of an entered size; null when it isn't one. */
export function bytesOf({ amount, unit }: EnteredSize): number | null {
  return joinSize(amount, unit);
}

export function SizeField({ value, onValue, ...field }: FieldProps & { value: EnteredSize; onValue: (value: EnteredSize) => void }) {
  return (
    <Field {...field}>
      {attributes => (
        <div class="joined">
          <input
            {...attributes}
            type="text"
            inputMode="decimal"
            autoComplete="off"
            value={value.amount}
            onInput={event => onValue({ ...value, amount: event.currentTarget.value })}
          />
          <select
            aria-label={`${field.label}: unit`}
            value={value.unit}
            onChange={event => onValue({ ...value, unit: event.currentTarget.value as SizeUnit })}
          >
            {Object.keys(sizeUnits).map(unit => (
              <option key={unit}>{unit}</option>
            ))}
          </select>
        </div>
      )}
    </Field>
  );
}

export function CheckField({
  label,
  hint,
  value,
  onValue,
}: {
  label: string;
  hint?: ComponentChildren;
  value: boolean;
  onValue: (value: boolean) => void;
}) {
  const id = useId();
  return (
    <div class="field check">
      <input
        type="checkbox"
        id={id}
        checked={value}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={event => onValue(event.currentTarget.checked)}
      />
      <label for={id}>{label}</label>
      {hint && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** A choice of which each alternative explains itself. */
export function RadioField<T extends string>({
  legend,
  value,
  onValue,
  options,
  cards = false,
}: {
  legend: string;
  value: T;
  onValue: (value: T) => void;
  options: readonly { value: T; label: string; hint?: string }[];
  cards?: boolean;
}) {
  const name = useId();
  return (
    <fieldset class={cards ? 'radios cards' : 'radios'}>
      <legend>{legend}</legend>
      {options.map(option => {
        const id = `${name}-${option.value}`;
        return (
          <div key={option.value} class="radio">
            <input
              type="radio"
              id={id}
              name={name}
              value={option.value}
              checked={option.value === value}
              aria-describedby={option.hint ? `${id}-hint` : undefined}
              onChange={() => onValue(option.value)}
            />
            <div>
              <label for={id}>{option.label}</label>
              {option.hint && <small id={`${id}-hint`}>{option.hint}</small>}
            </div>
          </div>
        );
      })}
    </fieldset>
  );
}

/** What a problem says of one of the form's fields. */
export function errorOf(problem: Problem | null, field: string): string | undefined {
  return problem?.field === field ? problem.message : undefined;
}
