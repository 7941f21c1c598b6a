/** The data plane's check: who signed an execute-api (or lambda-url, appsync) request. */
import { limits } from '../../base/limits.ts';
import type { Now } from '../../base/clock.ts';
import type { Authenticate, FindAccessKey } from '../../base/ports.ts';
import { readHead } from '../head.ts';
import { sha256 } from './canonical.ts';
import { findingFault } from './findings.ts';
import { unsignedAuthorization } from './read-signature.ts';
import { createSigningKeys } from './signing-keys.ts';
import { verify } from './verify.ts';

export interface AuthenticatePorts {
  readonly findAccessKey: FindAccessKey;
  readonly now: Now;
}

export function createAuthenticate(ports: AuthenticatePorts): Authenticate {
  const verifyPorts = { ...ports, signingKeys: createSigningKeys() };
  return async (request, service) => {
    const head = readHead(request.method, request.target, request.rawHeaders);
    const payloadHash = sha256(request.body);
    const expected = { services: [service], payloadHash, maxSkewMs: limits.wireClockSkewMs };
    const verified = await verify(head, expected, verifyPorts);
    if (verified.ok) return { ok: true, caller: verified.caller };
    if (verified.finding.kind === 'none') {
      const message = service === 'execute-api' ? unsignedAuthorization(head) : undefined;
      return message === undefined ? undefined : { ok: false, code: 'IncompleteSignatureException', message };
    }
    const { code, message } = findingFault(verified.finding, 'json', ports.now());
    return { ok: false, code, message };
  };
}
