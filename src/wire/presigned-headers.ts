/**
 * Presigned URLs carry in their query what would else be headers (`x-amz-acl`, `x-amz-meta-*`), so that whoever uses
 * the URL need not send them: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
import type { Head } from './head.ts';

/** Checksums are left out: SDKs sign the one of an empty body into URLs for uploads, and S3 does not hold it against them. */
const NOT_HEADERS =
  /^x-amz-(algorithm|credential|date|expires|signedheaders|signature|security-token|content-sha256|checksum-.*|sdk-checksum-algorithm)$/;

export function withPresignedHeaders(head: Head): Head {
  if (!head.query.some(([name]) => name === 'X-Amz-Signature')) return head;
  const carried = head.query
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => name.startsWith('x-amz-') && !NOT_HEADERS.test(name));
  return { ...head, headers: { ...Object.fromEntries(carried), ...head.headers } };
}
