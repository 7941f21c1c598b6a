/** Changing a user's attributes, by itself or by an administrator. */
import type { CodeDeliveryDetailsType } from '@aws-sdk/client-cognito-identity-provider';
import { sendCode } from './code.ts';
import type { Contact } from './message.ts';
import type { PoolPlace } from './places.ts';
import type { CognitoPorts } from './ports.ts';
import type { PoolRow, UserRow } from './rows.ts';
import { type Attributes, checkMutable, checkValues } from './schema-attributes.ts';
import { invalidParameter } from './fault.ts';
import { changeUser } from './user-store.ts';

export interface AttributeChange {
  readonly given: Attributes;
  readonly clientId: string | undefined;
  readonly clientMetadata: Readonly<Record<string, string>> | undefined;
  /** An administrator may also say that an address is verified. */
  readonly byAdmin: boolean;
}

const CONTACTS: readonly Contact[] = ['email', 'phone_number'];

/** Where codes went to verify new addresses. */
export async function setAttributes(
  ports: CognitoPorts,
  place: PoolPlace,
  user: UserRow,
  { given, clientId, clientMetadata, byAdmin }: AttributeChange,
): Promise<CodeDeliveryDetailsType[]> {
  const { pool, scope } = place;
  const changes = Object.keys(given).filter((name) => given[name] !== user.attributes[name]);
  checkMutable(pool.schema, changes);
  // An empty value clears, as on AWS.
  const { set, cleared } = split(given);
  checkValues(pool.schema, set);
  refuseRequired(pool, cleared);
  const fresh = CONTACTS.filter((name) => set[name] !== undefined && set[name] !== user.attributes[name]);
  const verifies = fresh.filter(
    (name) => !(byAdmin && set[`${name}_verified`] === 'true') && isAutoVerified(pool, name),
  );
  const kept = verifies.filter((name) => waitsForProof(pool, name) && user.attributes[name] !== undefined);
  const changed = await changeUser(ports, scope, pool, user.username, (before) => {
    const attributes: Record<string, string> = { ...before.attributes, ...set };
    const pending: Record<string, string> = { ...before.pending };
    for (const name of cleared) delete attributes[name];
    for (const name of fresh) {
      if (kept.includes(name)) {
        pending[name] = set[name] ?? '';
        attributes[name] = before.attributes[name] ?? '';
        attributes[`${name}_verified`] = before.attributes[`${name}_verified`] ?? 'false';
      } else {
        delete pending[name];
        attributes[`${name}_verified`] = (byAdmin && set[`${name}_verified`]) || 'false';
      }
    }
    return { ...before, attributes, pending };
  });
  const sent: CodeDeliveryDetailsType[] = [];
  for (const attribute of verifies)
    sent.push(
      await sendCode(ports, place, changed, {
        purpose: `verify:${attribute}`,
        source: 'CustomMessage_UpdateUserAttribute',
        attribute,
        destination: set[attribute] ?? '',
        clientId,
        clientMetadata,
      }),
    );
  return sent;
}

const isAutoVerified = (pool: PoolRow, name: Contact): boolean =>
  pool.shown.AutoVerifiedAttributes?.includes(name) === true;

const waitsForProof = (pool: PoolRow, name: Contact): boolean =>
  pool.shown.UserAttributeUpdateSettings?.AttributesRequireVerificationBeforeUpdate?.includes(name) === true;

function split(given: Attributes): { readonly set: Record<string, string>; readonly cleared: string[] } {
  const entries = Object.entries(given);
  return {
    set: Object.fromEntries(entries.filter(([, value]) => value !== '')),
    cleared: entries.filter(([, value]) => value === '').map(([name]) => name),
  };
}

function refuseRequired(pool: PoolRow, names: readonly string[]): void {
  for (const name of names) {
    const attribute = pool.schema.find(({ Name }) => Name === name);
    if (attribute === undefined || attribute.Required || name === 'sub')
      throw invalidParameter(`user.${name}: Attribute cannot be deleted.`);
  }
}

export async function removeAttributes(
  ports: CognitoPorts,
  { scope, pool }: PoolPlace,
  user: UserRow,
  names: readonly string[],
): Promise<void> {
  refuseRequired(pool, names);
  checkMutable(pool.schema, names);
  await changeUser(ports, scope, pool, user.username, (before) => {
    const attributes: Record<string, string> = { ...before.attributes };
    for (const name of names) {
      delete attributes[name];
      if (CONTACTS.some((contact) => contact === name)) delete attributes[`${name}_verified`];
    }
    return { ...before, attributes };
  });
}
