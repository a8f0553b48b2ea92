import type { Problem } from '../api/problem';
import { errorOf, TextField } from '../ui/fields';
import type { ProviderField } from './products/product';

export function ProviderFields({
  fields,
  values,
  onValue,
  problem,
}: {
  fields: readonly ProviderField[];
  values: Record<string, string>;
  onValue: (path: string, value: string) => void;
  problem: Problem | null;
}) {
  return (
    <>
      {fields
        .filter(field => field.fixed === undefined)
        .map(field => (
          <TextField
            key={field.path}
            label={field.label}
            hint={field.hint}
            optional={field.optional ?? false}
            secret={field.secret ?? false}
            multiline={field.multiline ?? false}
            required={!field.optional}
            placeholder={field.placeholder}
            monospace
            value={values[field.path] ?? ''}
            onValue={value => onValue(field.path, value)}
            error={errorOf(problem, field.path)}
          />
        ))}
    </>
  );
}

/** The fields whose problems these inputs show. */
export function pathsOf(fields: readonly ProviderField[]): string[] {
  return fields.filter(field => field.fixed === undefined).map(field => field.path);
}
