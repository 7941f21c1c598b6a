/**
 * The first administrator's key where IAM is enforced: set in the environment, kept in memory, never logged, and never
 * handed on to functions or other processes.
 */
import { timingSafeEqual } from 'node:crypto';
import { limits } from '../base/limits.ts';
import type { AccessKey } from '../base/ports.ts';
import { DEFAULT_ACCOUNT } from '../base/scope.ts';

export interface RootKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export const ROOT_KEY_VARIABLES = {
  id: 'GATEHOUSE_ROOT_ACCESS_KEY_ID',
  secret: 'GATEHOUSE_ROOT_SECRET_ACCESS_KEY',
} as const;

/** Undefined when none is set. Throws an Error that names the variable, not its value. The environment forgets it. */
export function takeRootKey(environment: Record<string, string | undefined>): RootKey | undefined {
  const { id, secret } = ROOT_KEY_VARIABLES;
  const accessKeyId = environment[id];
  const secretAccessKey = environment[secret];
  delete environment[secret];
  if (!accessKeyId && !secretAccessKey) return undefined;
  if (!accessKeyId || !secretAccessKey)
    throw new Error(`${accessKeyId ? secret : id} is not set: the root key needs both`);
  if (!/^\w{16,128}$/.test(accessKeyId))
    throw new Error(`${id} must be 16 to 128 letters, digits or underscores, as access key ids are`);
  if (secretAccessKey.length < limits.rootSecretLength)
    throw new Error(`${secret} must have at least ${limits.rootSecretLength} characters`);
  return { accessKeyId, secretAccessKey };
}

/** The key as signatures are verified by it, when it is the one that is asked for. */
export function findRootKey(root: RootKey | undefined, accessKeyId: string): AccessKey | undefined {
  if (root === undefined || !isSame(root.accessKeyId, accessKeyId)) return undefined;
  const arn = `arn:aws:iam::${DEFAULT_ACCOUNT}:root`;
  return {
    secretAccessKey: root.secretAccessKey,
    caller: { kind: 'root', account: DEFAULT_ACCOUNT, arn, accessKeyId },
  };
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
