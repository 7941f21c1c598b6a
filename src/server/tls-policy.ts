/**
 * What the security policy of a domain name asks of a connection.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies-list.html
 */
import type { SecureVersion } from 'node:tls';

export interface TlsLimits {
  readonly minVersion: SecureVersion;
  /** For TLS 1.2 and below; version 1.3 has its own. */
  readonly ciphers?: string;
}

/** Forward secrecy: no key exchange by RSA alone. */
const FORWARD_SECRET = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
].join(':');

/** `SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09` takes versions from 1.2 up. A policy that is not known takes 1.3 only. */
export function tlsLimits(policy: string): TlsLimits {
  if (policy === 'TLS_1_0') return { minVersion: 'TLSv1' };
  if (policy === 'TLS_1_2') return { minVersion: 'TLSv1.2' };
  if (!/^SecurityPolicy_(TLS12_|TLS13_1_2_)/.test(policy)) return { minVersion: 'TLSv1.3' };
  return policy.includes('_PFS')
    ? { minVersion: 'TLSv1.2', ciphers: FORWARD_SECRET }
    : { minVersion: 'TLSv1.2' };
}
