import type { Product, ProviderField } from './product';

export const accessKey: ProviderField[] = [
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

export const region = (hint: string): ProviderField => ({
  path: 'credentials.region',
  label: 'Region',
  hint,
  placeholder: 'eu-west-1',
  optional: true,
});

const s3Rights = 'Rights: s3:ListBucket on the bucket, s3:GetObject and s3:PutObject on its objects. Nothing is ever deleted.';

export const s3Products: readonly Product[] = [
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
];
