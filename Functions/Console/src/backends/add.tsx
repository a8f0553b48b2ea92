import { useState } from 'preact/hooks';
import { api } from '../api/api';
import type { BackendDocument } from '../api/documents';
import { announce } from '../shell/announcements';
import { go } from '../shell/router';
import { bytesOf, errorOf, RadioField, SizeField, TextField, type EnteredSize } from '../ui/fields';
import { Form, refuse, useSubmission } from '../ui/form';
import { Page } from '../ui/page';
import { pathsOf, ProviderFields } from './provider-fields';
import { assemble, products } from './providers';

type Selection = 'none' | 'default' | 'fallback';

export function AddBackendPage() {
  const [productId, setProductId] = useState(products[0]!.id);
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [size, setSize] = useState<EnteredSize>({ amount: '100', unit: 'MiB' });
  const [selection, setSelection] = useState<Selection>('none');
  const [values, setValues] = useState<Record<string, string>>({});
  const product = products.find(candidate => candidate.id === productId)!;
  const form = useSubmission(async () => {
    const missing = product.fields.find(field => !field.optional && field.fixed === undefined && !values[field.path]?.trim());
    if (name.trim() === '') {
      refuse('name', 'Give the backend a name.');
    }
    if (missing) {
      refuse(missing.path, `${missing.label} is missing.`);
    }
    const { settings, credentials } = assemble(product.fields, values);
    const added = await api.post<BackendDocument>('/v1/backends', {
      name: name.trim(),
      provider: product.provider,
      description: description.trim() || undefined,
      maxBytes: bytesOf(size) ?? refuse('maxBytes', 'Enter a size, such as 100 MiB.'),
      default: selection === 'default' || undefined,
      fallback: selection === 'fallback' || undefined,
      settings,
      credentials,
    });
    announce(`${added.name} was checked and added.`);
    go(['backends', added.name]);
  });
  return (
    <Page title="Add backend" lead="The service tries reading and writing before it stores anything.">
      <div class="panel form-panel">
        <Form
          onSubmit={form.submit}
          busy={form.busy}
          problem={form.problem}
          fields={['name', 'description', 'maxBytes', ...pathsOf(product.fields)]}
          submit="Add backend"
          busyText="Checking the backend…"
          onCancel={() => go(['backends'])}
        >
          <RadioField
            legend="Storage"
            cards
            value={productId}
            onValue={id => {
              setProductId(id);
              form.setProblem(null);
            }}
            options={products.map(({ id, label, summary }) => ({ value: id, label, hint: summary }))}
          />
          <div class="needs" role="note" aria-label={`Before you add ${product.label}`}>
            <p>Before you begin</p>
            <ul>
              {product.needs.map(need => (
                <li key={need}>{need}</li>
              ))}
            </ul>
          </div>
          <div class="field-grid">
            <TextField
              label="Name"
              hint="Lowercase letters, digits and hyphens. It can’t be changed later."
              required
              value={name}
              onValue={setName}
              placeholder="main"
              monospace
              error={errorOf(form.problem, 'name')}
            />
            <TextField
              label="Description"
              optional
              value={description}
              onValue={setDescription}
              maxLength={1000}
              error={errorOf(form.problem, 'description')}
            />
          </div>
          <h2 class="form-heading">{product.label}</h2>
          <div class="field-grid">
            <ProviderFields
              fields={product.fields}
              values={values}
              onValue={(path, value) => setValues(before => ({ ...before, [path]: value }))}
              problem={form.problem}
            />
          </div>
          <h2 class="form-heading">Use</h2>
          <div class="field-grid">
            <SizeField
              label="Max size"
              hint="Of a single artifact. Larger ones are refused. At most 64 GiB."
              value={size}
              onValue={setSize}
              error={errorOf(form.problem, 'maxBytes')}
            />
            <RadioField<Selection>
              legend="Use it as"
              value={selection}
              onValue={setSelection}
              options={[
                { value: 'none', label: 'Neither for now' },
                { value: 'default', label: 'Default', hint: 'All uploads go there.' },
                { value: 'fallback', label: 'Fallback', hint: 'Uploads go there while the default fails.' },
              ]}
            />
          </div>
        </Form>
      </div>
    </Page>
  );
}
