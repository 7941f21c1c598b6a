/** Credentials that a service takes for a role it runs somebody's code with. */
import { createHash } from 'node:crypto';
import { parseArn } from '../../base/arn.ts';
import { limits } from '../../base/limits.ts';
import type { ServicePorts } from '../../wire/service.ts';
import { nameKey } from '../iam/principal.ts';
import { type RoleRow, roles } from '../iam/role-row.ts';
import { globalScope } from '../iam/scope.ts';
import { assumedBy } from './assume-role.ts';
import { issueSession } from './credentials.ts';
import type { SessionRow } from './session-row.ts';
import { trustsService } from './trust.ts';

export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/**
 * Credentials of the role's session, the same while two thirds of their time remain: a write to the store for each
 * new environment would cost more than it protects. Whether the service may have them was asked when the role was
 * given to it; a role that does not exist gets credentials that allow nothing.
 */
export function createRoleCredentials(ports: Pick<ServicePorts, 'store' | 'now' | 'random'>) {
  const kept = new Map<string, SessionRow>();
  const reusableMs = limits.stsSessionTokenSeconds.max * 1000 * (2 / 3);

  return async (roleArn: string, sessionName: string): Promise<RoleCredentials> => {
    const nowMs = ports.now();
    for (const [key, row] of kept) if (row.expiresAtMs - nowMs < reusableMs) kept.delete(key);
    const role = await ports.store.get(roles, globalScope(accountOf(roleArn)), roleKey(roleArn));
    const key = `${roleArn} ${role?.id} ${sessionName}`;
    const row = kept.get(key) ?? (await newSession(ports, { roleArn, role, sessionName }));
    kept.set(key, row);
    return { accessKeyId: row.accessKeyId, secretAccessKey: row.secret, sessionToken: row.token };
  };
}

const accountOf = (roleArn: string): string => parseArn(roleArn)?.account ?? '';
const nameOf = (roleArn: string): string => roleArn.split('/').at(-1) ?? '';
const roleKey = (roleArn: string): string => nameKey(nameOf(roleArn));

interface Wanted {
  readonly roleArn: string;
  readonly role: RoleRow | undefined;
  readonly sessionName: string;
}

const newSession = (
  ports: Pick<ServicePorts, 'store' | 'now' | 'random'>,
  { roleArn, role, sessionName }: Wanted,
): Promise<SessionRow> => {
  const assumed = role ?? { arn: roleArn, id: idOf(roleArn), name: nameOf(roleArn) };
  return issueSession(ports, {
    callerOf: assumedBy(assumed, accountOf(roleArn), sessionName),
    ownerArn: roleArn,
    durationSeconds: limits.stsSessionTokenSeconds.max,
  });
};

/** The same for the same ARN. */
const idOf = (roleArn: string): string =>
  `AROA${createHash('sha256').update(roleArn).digest('hex').toUpperCase().slice(0, 17)}`;

/** Whether the role exists and trusts the service, e.g. `lambda.amazonaws.com`. */
export const createRoleTrusts =
  ({ store }: Pick<ServicePorts, 'store'>) =>
  async (roleArn: string, service: string): Promise<boolean> => {
    const role = await store.get(roles, globalScope(accountOf(roleArn)), roleKey(roleArn));
    return role?.arn === roleArn && trustsService(role, service);
  };
