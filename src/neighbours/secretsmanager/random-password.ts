/** GetRandomPassword: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html */
import type { GetRandomPasswordRequest, GetRandomPasswordResponse } from '@aws-sdk/client-secrets-manager';
import { Fault } from '../../base/fault.ts';
import { randomText, type RandomBytes } from '../../base/ids.ts';

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const NUMBERS = '0123456789';
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

export const passwordOperations = ({ random }: { readonly random: RandomBytes }) => ({
  async GetRandomPassword(input: GetRandomPasswordRequest): Promise<GetRandomPasswordResponse> {
    return { RandomPassword: randomPassword(input, random) };
  },
});

function randomPassword(input: GetRandomPasswordRequest, random: RandomBytes): string {
  const length = input.PasswordLength ?? 32;
  const excluded = new Set(input.ExcludeCharacters ?? '');
  const kinds = [
    input.ExcludeLowercase ? '' : LOWER,
    input.ExcludeUppercase ? '' : UPPER,
    input.ExcludeNumbers ? '' : NUMBERS,
    input.ExcludePunctuation ? '' : PUNCTUATION,
    input.IncludeSpace ? ' ' : '',
  ]
    .map((kind) => [...kind].filter((character) => !excluded.has(character)).join(''))
    .filter((kind) => kind !== '');
  const all = kinds.join('');
  if (all === '')
    throw new Fault('InvalidRequestException', 'The password policy leaves no characters to choose from.');
  const each = input.RequireEachIncludedType ?? true;
  if (each && kinds.length > length)
    throw new Fault('InvalidRequestException', 'Password length is too short based on the required types.');
  const required = each ? kinds.map((kind) => randomText(1, kind, random)).join('') : '';
  return shuffled(required + randomText(length - required.length, all, random), random);
}

/** Fisher and Yates; four bytes are drawn for each place, which is even enough for 4,096 of them. */
function shuffled(text: string, random: RandomBytes): string {
  const characters = [...text];
  for (let at = characters.length - 1; at > 0; at--) {
    const bytes = Buffer.from(random(4));
    const other = bytes.readUInt32BE() % (at + 1);
    [characters[at], characters[other]] = [characters[other] ?? '', characters[at] ?? ''];
  }
  return characters.join('');
}
