/** `x-amz-copy-source`: `/bucket/key?versionId=...`, URL-encoded. */
import { parseArn } from '../../base/arn.ts';
import { invalidArgument } from './faults.ts';

export interface CopySource {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId?: string;
}

export function copySourceOf(header: string | undefined): CopySource {
  const [path = '', query] = (header ?? '').split(/\?(?=versionId=)/);
  if (parseArn(path)) throw invalidArgument('Copying from an access point: not supported by gatehouse');
  const [, Bucket = '', Key = ''] = /^\/?([^/]+)\/(.+)$/s.exec(decode(path)) ?? [];
  if (!Bucket || !Key)
    throw invalidArgument('Copy Source must mention the source bucket and key: sourcebucket/sourcekey');
  const VersionId = query ? decode(query.slice('versionId='.length)) : undefined;
  return { Bucket, Key, ...(VersionId ? { VersionId } : {}) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replace(/\+/g, '%20'));
  } catch {
    throw invalidArgument('Invalid copy source encoding.');
  }
}
