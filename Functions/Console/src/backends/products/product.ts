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
