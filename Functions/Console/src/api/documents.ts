// The API's documents, as far as the console shows them.

export type Role = 'viewer' | 'downloader' | 'uploader' | 'owner';

export interface CallerDocument {
  organization: string;
  role: Role;
  identity: string;
}

export interface OrganizationDocument {
  name: string;
  owners: string[];
  createdAt: string;
}

export type BackendStatus = 'healthy' | 'suspect' | 'invalid';

export interface NoticeDocument {
  kind: 'invalid' | 'recovered' | 'contentCorrupt';
  at: string;
  delivered: number;
  pending: boolean;
  refused: { owner: string; reason: string }[];
}

export interface BackendDocument {
  name: string;
  provider: string;
  location: string;
  description: string;
  maxBytes: number;
  default: boolean;
  fallback: boolean;
  status: BackendStatus;
  statusReason?: string;
  statusSince: string;
  checkedAt?: string;
  createdAt: string;
  archivedAt?: string;
  notices: NoticeDocument[];
}

export interface BackendRemovalDocument {
  name: string;
  deleted: boolean;
  archived: boolean;
  artifacts: number;
  atLeast: boolean;
  purged?: number;
}

export interface ListedArtifact {
  digest: string;
  size: number;
  name?: string;
  mediaType?: string;
  backend: string;
  uploadedAt: string;
  uploadedBy: string;
}

export interface ArtifactPage {
  artifacts: ListedArtifact[];
  next?: string;
}

export interface ResourceDescriptor {
  name?: string;
  digest: { sha256: string };
  content?: string;
  downloadLocation?: string;
  mediaType?: string;
  annotations: {
    'casfunctions.size': string;
    'casfunctions.backend': string;
    'casfunctions.backendReason': string;
    'casfunctions.inline'?: string;
    'casfunctions.status': string;
    'casfunctions.uploadedAt': string;
    'casfunctions.uploadedBy': string;
    'casfunctions.verifiedAt': string;
  };
}

export interface CopyDocument {
  backend: string;
  backendReason: string;
  backendStatus: BackendStatus;
  labels: { name?: string; mediaType?: string; at: string; by: string }[];
  uploadedAt: string;
  uploadedBy: string;
  verifiedAt: string;
  corruptSince?: string;
}

export interface CopyList {
  digest: string;
  copies: CopyDocument[];
}

export interface VerifiedCopy {
  backend: string;
  outcome: 'right' | 'corrupt' | 'unreadable';
  verifiedAt: string;
  corruptSince?: string;
  reason?: string;
}

export interface VerificationDocument {
  digest: string;
  copies: VerifiedCopy[];
}

export interface DownloadLink {
  url: string;
  expiresAt: string;
}

export interface UploadDocument {
  uploadUrl: string;
  backend: string;
  backendReason: string;
}

export interface TokenDocument {
  id: string;
  name: string;
  role: Role;
  createdAt: string;
  createdBy: string;
  expiresAt?: string;
  token?: string;
}

export interface TrustDocument {
  id: string;
  issuer: string;
  role: Role;
  claims: Record<string, string>;
  audience?: string;
  exchangeOnly: boolean;
  description?: string;
  createdAt: string;
  createdBy: string;
  expiresAt?: string;
}

export interface AuditEntry {
  at: string;
  actor: string;
  action: string;
  subject: string;
  details?: Record<string, string>;
}

export interface AuditPage {
  events: AuditEntry[];
  next?: string;
}

export interface UsageCounts {
  uploads: number;
  uploadedBytes: number;
  deduplicated: number;
  downloads: number;
  downloadedBytes: number;
  failovers: number;
  verificationFailures: number;
}

export interface UsageReport {
  from: string;
  to: string;
  days: ({ day: string; backend: string } & UsageCounts)[];
  totals: ({ backend: string } & UsageCounts)[];
}
