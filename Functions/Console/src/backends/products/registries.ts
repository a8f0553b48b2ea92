import type { Product, ProviderField } from './product';

function registry(
  repositoryHint: string,
  placeholder: string,
  username: Partial<ProviderField>,
  password: Partial<ProviderField>,
): ProviderField[] {
  return [
    { path: 'settings.repository', label: 'Repository', hint: repositoryHint, placeholder },
    { path: 'credentials.username', label: 'Username', ...username },
    { path: 'credentials.password', label: 'Password', secret: true, ...password },
  ];
}

export const registryProducts: readonly Product[] = [
  {
    id: 'google',
    provider: 'oci',
    label: 'Google Artifact Registry',
    summary: 'A service account with its JSON key',
    needs: ['Create a service account with the role Artifact Registry Writer on the repository, and a JSON key for it.'],
    fields: registry(
      'Region, project and repository. /cas is appended, because nothing can be pushed to the repository itself.',
      'us-east1-docker.pkg.dev/my-project/evidence',
      { fixed: '_json_key' },
      { label: 'Service account key (JSON)', hint: 'The whole content of the key file.', multiline: true },
    ),
  },
  {
    id: 'acr',
    provider: 'oci',
    label: 'Azure Container Registry',
    summary: 'A token with a scope map',
    needs: ['Create a token whose scope map allows content/read and content/write on the repository.'],
    fields: registry(
      'Registry and repository.',
      'acmecas.azurecr.io/cas',
      { label: 'Token name', hint: 'The token’s name.' },
      { label: 'Token password', hint: 'One of the token’s two passwords.' },
    ),
  },
  {
    id: 'github',
    provider: 'oci',
    label: 'GitHub Packages',
    summary: 'A personal access token',
    needs: ['Create a classic personal access token with write:packages. Single artifacts can have 10 GB at most.'],
    fields: registry(
      'User or organization, and a name of your choice.',
      'ghcr.io/acme/evidence',
      { hint: 'Whose token it is.' },
      { label: 'Personal access token', placeholder: 'ghp_…' },
    ),
  },
  {
    id: 'docker-hub',
    provider: 'oci',
    label: 'Docker Hub',
    summary: 'A personal access token',
    needs: ['Create a personal access token with Read & Write in the security settings of the account.'],
    fields: registry(
      'Your user name after the host. /cas is appended.',
      'index.docker.io/octocat',
      { hint: 'Your user name.' },
      { label: 'Personal access token', placeholder: 'dckr_pat_…' },
    ),
  },
  {
    id: 'registry',
    provider: 'oci',
    label: 'Other OCI registry',
    summary: 'Harbor, zot, distribution, Amazon ECR',
    needs: [
      'Rights: pull and push on the repository.',
      'Amazon ECR: the repository has to exist, the user is AWS, and the password of aws ecr get-login-password ends after 12 hours.',
    ],
    fields: registry(
      'Host and repository.',
      'registry.example.com/evidence',
      { optional: true, hint: 'Empty where the registry asks for none.' },
      { optional: true },
    ),
  },
];
