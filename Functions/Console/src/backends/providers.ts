import { azureProducts, connectionString, managedIdentity, servicePrincipal } from './products/azure';
import type { Product, ProviderField } from './products/product';
import { registryProducts } from './products/registries';
import { accessKey, region, s3Products } from './products/s3';

export const products: readonly Product[] = [...azureProducts, ...s3Products, ...registryProducts];

/** Fields that a rotation asks for: who a backend is used as, not where it is. */
export function credentialKinds(provider: string): { id: string; label: string; fields: ProviderField[] }[] {
  switch (provider) {
    case 'azure-blob':
      return [
        { id: 'principal', label: 'Service principal', fields: servicePrincipal },
        { id: 'identity', label: 'Managed identity', fields: [managedIdentity] },
        { id: 'connection', label: 'Connection string', fields: [connectionString] },
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
