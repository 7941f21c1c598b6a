/** Names for resources that have none: `{stack}-{logicalId}-{12 characters}`. */
import { createHash } from 'node:crypto';

export interface NameSeed {
  readonly stackId: string;
  readonly stackName: string;
  readonly logicalId: string;
  /** A replacement within another operation gets another name; a retry of the same one the same. */
  readonly operationId: string;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const SUFFIX_LENGTH = 12;

export function physicalName(seed: NameSeed, maxLength = 128, style: 'upper' | 'lower' = 'upper'): string {
  const room = maxLength - SUFFIX_LENGTH - 2;
  const idLength = Math.min(
    seed.logicalId.length,
    Math.max(Math.floor(room / 2), room - seed.stackName.length),
  );
  const stack = seed.stackName.slice(0, room - idLength);
  const name = `${stack}-${seed.logicalId.slice(0, idLength)}-${suffix(seed)}`;
  return style === 'lower' ? name.toLowerCase() : name;
}

function suffix({ stackId, logicalId, operationId }: NameSeed): string {
  const digest = createHash('sha256').update(`${stackId}\n${logicalId}\n${operationId}`).digest();
  return [...digest.subarray(0, SUFFIX_LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}
