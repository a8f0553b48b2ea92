import { useState } from 'preact/hooks';
import { api } from '../api/api';
import type { Role, TrustDocument } from '../api/documents';
import { announce } from '../shell/announcements';
import { Dialog } from '../ui/dialog';
import { errorOf, RadioField, SelectField, TextField } from '../ui/fields';
import { Form, refuse, useSubmission } from '../ui/form';
import { Icon } from '../ui/icon';
import { lifetimes, secondsOf, type Lifetime } from './lifetime';
import { roleHints, roleWords } from './roles';

interface Preset {
  id: string;
  label: string;
  issuer: string;
  issuerHint: string;
  claims: string[];
  claimsHint: string;
  audienceHint?: string;
}

/** The issuers that are known, with the claims that are never given to another. */
const presets: readonly Preset[] = [
  {
    id: 'github',
    label: 'GitHub Actions',
    issuer: 'https://token.actions.githubusercontent.com',
    issuerHint: 'The same for all of github.com.',
    claims: ['repository_id', 'ref'],
    claimsHint: 'repository_id or repository_owner_id has to be exact: gh api repos/OWNER/NAME --jq .id tells it.',
  },
  {
    id: 'gitlab',
    label: 'GitLab',
    issuer: 'https://gitlab.com',
    issuerHint: 'The address of a GitLab of your own, if it is one.',
    claims: ['project_id', 'ref_protected'],
    claimsHint: 'project_id or namespace_id has to be exact.',
  },
  {
    id: 'entra',
    label: 'Entra ID',
    issuer: 'https://login.microsoftonline.com/TENANT/v2.0',
    issuerHint: 'Replace TENANT by the directory’s ID.',
    claims: ['oid'],
    claimsHint: 'oid, azp or appid has to be exact.',
    audienceHint: 'The application’s ID. Such tokens have to be exchanged.',
  },
  {
    id: 'other',
    label: 'Other issuer',
    issuer: '',
    issuerHint: 'Exactly what the tokens have in iss, over https.',
    claims: ['sub'],
    claimsHint: 'At least one claim has to be exact. Choose one that never changes and is never given to another.',
  },
];

interface Claim {
  name: string;
  value: string;
}

const toClaims = (preset: Preset): Claim[] => preset.claims.map(name => ({ name, value: '' }));

export function AddTrustDialog({ onDone, onClose }: { onDone: () => void; onClose: () => void }) {
  const [preset, setPreset] = useState(presets[0]!);
  const [issuer, setIssuer] = useState(preset.issuer);
  const [role, setRole] = useState<Role>('uploader');
  const [claims, setClaims] = useState<Claim[]>(() => toClaims(preset));
  const [audience, setAudience] = useState('');
  const [description, setDescription] = useState('');
  const [lifetime, setLifetime] = useState<Lifetime>('31536000');
  const form = useSubmission(async () => {
    const given = claims.filter(claim => claim.name.trim() !== '' && claim.value.trim() !== '');
    if (given.length === 0) {
      refuse('claims', 'Give at least one claim with its value.');
    }
    await api.post<TrustDocument>('/v1/trusts', {
      issuer: issuer.trim(),
      role,
      claims: Object.fromEntries(given.map(claim => [claim.name.trim(), claim.value.trim()])),
      audience: audience.trim() || undefined,
      description: description.trim() || undefined,
      expiresInSeconds: secondsOf(lifetime),
    });
    announce('The trust is added.');
    onDone();
  });
  const setClaim = (index: number, change: Partial<Claim>) =>
    setClaims(before => before.map((claim, position) => (position === index ? { ...claim, ...change } : claim)));
  const claimError = form.problem?.field?.startsWith('claims') ? form.problem.message : undefined;
  return (
    <Dialog title="Add trust" onClose={onClose} busy={form.busy}>
      <Form
        onSubmit={form.submit}
        busy={form.busy}
        problem={form.problem}
        fields={['issuer', 'audience', 'description', ...(claimError ? [form.problem!.field!] : [])]}
        submit="Add trust"
        busyText="Asking the issuer…"
        onCancel={onClose}
      >
        <RadioField
          legend="Issuer"
          value={preset.id}
          onValue={id => {
            const chosen = presets.find(candidate => candidate.id === id)!;
            setPreset(chosen);
            setIssuer(chosen.issuer);
            setClaims(toClaims(chosen));
            form.setProblem(null);
          }}
          options={presets.map(({ id, label }) => ({ value: id, label }))}
        />
        <TextField
          label="Issuer address"
          hint={preset.issuerHint}
          value={issuer}
          onValue={setIssuer}
          monospace
          required
          error={errorOf(form.problem, 'issuer')}
        />
        <fieldset class="claims-fieldset">
          <legend>Claims</legend>
          <p class="field-hint">{preset.claimsHint} All of them have to be there; * stands for any characters.</p>
          {claims.map((claim, index) => (
            <div class="claim-row" key={index}>
              <input
                type="text"
                class="code"
                aria-label={`Claim ${index + 1}: name`}
                spellcheck={false}
                autoComplete="off"
                value={claim.name}
                onInput={event => setClaim(index, { name: event.currentTarget.value })}
              />
              <span aria-hidden="true">=</span>
              <input
                type="text"
                class="code"
                aria-label={`Claim ${index + 1}: value`}
                aria-invalid={claimError !== undefined}
                spellcheck={false}
                autoComplete="off"
                value={claim.value}
                onInput={event => setClaim(index, { value: event.currentTarget.value })}
              />
              <button
                type="button"
                class="icon-button"
                aria-label={`Remove claim ${index + 1}`}
                disabled={claims.length === 1}
                onClick={() => setClaims(before => before.filter((_, position) => position !== index))}
              >
                <Icon name="minus" />
              </button>
            </div>
          ))}
          {claimError && (
            <p class="field-error" role="alert">
              <Icon name="alert" />
              {claimError}
            </p>
          )}
          <button type="button" class="button small" onClick={() => setClaims(before => [...before, { name: '', value: '' }])}>
            <Icon name="plus" />
            Another claim
          </button>
        </fieldset>
        <RadioField<Role>
          legend="Role"
          value={role}
          onValue={setRole}
          options={(['uploader', 'downloader', 'viewer'] as const).map(value => ({
            value,
            label: roleWords[value],
            hint: roleHints[value],
          }))}
        />
        <TextField
          label="Audience"
          optional={!preset.audienceHint}
          hint={preset.audienceHint ?? 'Only for issuers that let pipelines choose none.'}
          value={audience}
          onValue={setAudience}
          monospace
          error={errorOf(form.problem, 'audience')}
        />
        <TextField label="Description" optional value={description} onValue={setDescription} error={errorOf(form.problem, 'description')} />
        <SelectField<Lifetime> label="Expires after" value={lifetime} onValue={setLifetime} options={lifetimes} />
      </Form>
    </Dialog>
  );
}
