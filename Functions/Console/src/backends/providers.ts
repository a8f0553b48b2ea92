// What an owner enters for each product, in the service's own terms. The explanations say where to find the values.

export interface ProviderField {
  /** Where the value goes in the request, which is also how the service names it in its refusals. */
  path: `settings.${string}` | `credentials.${string}`;
  label: string;
  hint?: string;
  placeholder?: string;
  optional?: boolean;
  secret?: boolean;
  multiline?: boolean;
  /** What the product prescribes. */
  fixed?: string;
}

export interface Product {
  id: string;
  /** The service's name of the provider. */
  provider: 'azure-blob' | 'aws-s3' | 'oci';
  label: string;
  summary: string;
  /** What has to be there, and which rights are needed. */
  needs: string[];
  fields: ProviderField[];
}

const servicePrincipal: ProviderField[] = [
  {
    path: 'credentials.tenant',
    label: 'Tenant ID',
    hint: 'Directory (tenant) ID on the overview page of the app registration.',
    placeholder: '00000000-0000-0000-0000-000000000000',
  },
  {
    path: 'credentials.clientId',
    label: 'Client ID',
    hint: 'Application (client) ID of the service principal, on the same page.',
    placeholder: '00000000-0000-0000-0000-000000000000',
  },
  {
    path: 'credentials.clientSecret',
    label: 'Client secret',
    hint: 'The value of a secret under Certificates & secrets, not its ID.',
    secret: true,
  },
];

const accessKey: ProviderField[] = [
  {
    path: 'credentials.accessKeyId',
    label: 'Access key ID',
    hint: 'From “Create access key” of the user that may use the bucket.',
    placeholder: 'AKIA…',
  },
  { path: 'credentials.secretAccessKey', label: 'Secret access key', hint: 'Shown once, when the key is created.', secret: true },
];

const bucket: ProviderField = {
  path: 'settings.bucket',
  label: 'Bucket',
  hint: 'The name alone, as in the store’s console.',
  placeholder: 'acme-evidence',
};

const prefix: ProviderField = {
  path: 'settings.prefix',
  label: 'Prefix',
  hint: 'A folder in the bucket, when others use it too.',
  placeholder: 'ci',
  optional: true,
};

const region = (hint: string): ProviderField => ({
  path: 'credentials.region',
  label: 'Region',
  hint,
  placeholder: 'eu-west-1',
  optional: true,
});

const s3Rights = 'Rights: s3:ListBucket on the bucket, s3:GetObject and s3:PutObject on its objects. Nothing is ever deleted.';

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

export const products: readonly Product[] = [
  {
    id: 'azure-blob',
    provider: 'azure-blob',
    label: 'Azure Blob Storage',
    summary: 'A container, reached as a service principal',
    needs: [
      'Register an application in Microsoft Entra ID and create a client secret for it.',
      'Give it the role Storage Blob Data Contributor under Access control (IAM) of the container.',
      'When the container has to be made, give it that role on the whole storage account.',
    ],
    fields: [
      {
        path: 'settings.storageAccount',
        label: 'Storage account',
        hint: 'The account’s name, without the domain.',
        placeholder: 'acmeevidence',
      },
      {
        path: 'settings.container',
        label: 'Container',
        hint: 'cas unless you name another. It is made if it is missing.',
        placeholder: 'cas',
        optional: true,
      },
      {
        path: 'settings.endpoint',
        label: 'Endpoint suffix',
        hint: 'Only for clouds other than the public one, such as blob.core.usgovcloudapi.net.',
        placeholder: 'blob.core.windows.net',
        optional: true,
      },
      ...servicePrincipal,
    ],
  },
  {
    id: 'azure-identity',
    provider: 'azure-blob',
    label: 'Azure Blob Storage, managed identity',
    summary: 'No secret; the operator has to allow the container',
    needs: [
      'The operator lists organization/account/container in Cas:Backends:ManagedIdentityContainers.',
      'The service’s own identity has the role Storage Blob Data Contributor on the container.',
    ],
    fields: [
      {
        path: 'settings.storageAccount',
        label: 'Storage account',
        hint: 'The account’s name, without the domain.',
        placeholder: 'acmeevidence',
      },
      { path: 'settings.container', label: 'Container', hint: 'cas unless you name another.', placeholder: 'cas', optional: true },
      { path: 'credentials.managedIdentity', label: 'Managed identity', fixed: 'true' },
    ],
  },
  {
    id: 'azure-connection',
    provider: 'azure-blob',
    label: 'Azure Blob Storage, connection string',
    summary: 'For Azurite and local use, where the operator allows it',
    needs: ['The operator sets Cas:Backends:AllowConnectionStrings.'],
    fields: [
      { path: 'settings.container', label: 'Container', hint: 'cas unless you name another.', placeholder: 'cas', optional: true },
      {
        path: 'credentials.connectionString',
        label: 'Connection string',
        hint: 'With the account’s key, as under Access keys of the storage account.',
        secret: true,
      },
    ],
  },
  {
    id: 'aws-s3',
    provider: 'aws-s3',
    label: 'AWS S3',
    summary: 'A general purpose bucket and an access key',
    needs: ['Create a bucket, and an IAM user with a policy for it.', s3Rights],
    fields: [bucket, prefix, ...accessKey, region('Where the bucket is; us-east-1 unless told.')],
  },
  {
    id: 'r2',
    provider: 'aws-s3',
    label: 'Cloudflare R2',
    summary: 'S3-compatible, with an endpoint of your account',
    needs: ['Create an R2 API token with Object Read & Write for the bucket; it shows the access key’s two parts.'],
    fields: [
      {
        path: 'settings.endpoint',
        label: 'Endpoint',
        hint: 'S3 API in the bucket’s settings.',
        placeholder: 'https://<account id>.r2.cloudflarestorage.com',
      },
      bucket,
      prefix,
      ...accessKey.map(field => ({ ...field, placeholder: '' })),
    ],
  },
  {
    id: 's3-compatible',
    provider: 'aws-s3',
    label: 'MinIO, Ceph and other S3',
    summary: 'Any S3-compatible store, by its endpoint',
    needs: [s3Rights, 'A private network, another port than 443 or plain http has to be allowed by the operator.'],
    fields: [
      {
        path: 'settings.endpoint',
        label: 'Endpoint',
        hint: 'The store’s S3 address, without bucket and prefix.',
        placeholder: 'https://minio.example.com',
      },
      bucket,
      prefix,
      ...accessKey.map(field => ({ ...field, placeholder: '' })),
      region('Only if the store has regions.'),
    ],
  },
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

/** Fields that a rotation asks for: who a backend is used as, not where it is. */
export function credentialKinds(provider: string): { id: string; label: string; fields: ProviderField[] }[] {
  const byId = (id: string) => products.find(product => product.id === id)!.fields.filter(field => field.path.startsWith('credentials.'));
  switch (provider) {
    case 'azure-blob':
      return [
        { id: 'principal', label: 'Service principal', fields: byId('azure-blob') },
        { id: 'identity', label: 'Managed identity', fields: byId('azure-identity') },
        { id: 'connection', label: 'Connection string', fields: byId('azure-connection') },
      ];
    case 'aws-s3':
      return [
        {
          id: 'key',
          label: 'Access key',
          fields: [...accessKey, region('As before unless the bucket has moved; empty for the store’s usual one.')],
        },
      ];
    case 'oci':
      return [
        {
          id: 'password',
          label: 'Username and password',
          fields: [
            { path: 'credentials.username', label: 'Username' },
            {
              path: 'credentials.password',
              label: 'Password or token',
              secret: true,
              multiline: true,
              hint: 'Or the whole JSON key of a service account.',
            },
          ],
        },
      ];
    default:
      return [];
  }
}

/** The values that were entered, by their paths, as the request has them. What is empty is left out. */
export function assemble(
  fields: readonly ProviderField[],
  values: Record<string, string>,
): {
  settings: Record<string, unknown>;
  credentials: Record<string, unknown> | undefined;
} {
  const settings: Record<string, unknown> = {};
  const credentials: Record<string, unknown> = {};
  for (const field of fields) {
    // A key of several lines keeps its line ends; a pasted password often has a blank too many.
    const value = field.fixed ?? (values[field.path] ?? '').trim();
    if (value !== '') {
      const [group, name] = field.path.split('.') as ['settings' | 'credentials', string];
      (group === 'settings' ? settings : credentials)[name] = name === 'managedIdentity' ? true : value;
    }
  }
  return { settings, credentials: Object.keys(credentials).length > 0 ? credentials : undefined };
}

export function providerLabel(provider: string): string {
  return { 'azure-blob': 'Azure Blob', 'aws-s3': 'AWS S3', oci: 'OCI', inline: 'Inline' }[provider] ?? provider;
}
