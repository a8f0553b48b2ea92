import type { Role } from '../api/documents';

/** What each role allows, in a sentence. */
export const roleHints: Record<Role, string> = {
  viewer: 'Sees what is stored and where, but no content.',
  downloader: 'A viewer who may read content.',
  uploader: 'A viewer who may store content, but not read it.',
  owner: 'May do everything in the organization.',
};

export const roleWords: Record<Role, string> = {
  viewer: 'Viewer',
  downloader: 'Downloader',
  uploader: 'Uploader',
  owner: 'Owner',
};
