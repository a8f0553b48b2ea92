import type { Product, ProviderField } from './product';

export const servicePrincipal: ProviderField[] = [
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

export const connectionString: ProviderField = {
  path: 'credentials.connectionString',
  label: 'Connection string',
  hint: 'With the account’s key, as under Access keys of the storage account.',
  secret: true,
};

export const managedIdentity: ProviderField = { path: 'credentials.managedIdentity', label: 'Managed identity', fixed: 'true' };

export const azureProducts: readonly Product[] = [
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
      managedIdentity,
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
      connectionString,
    ],
  },
];
