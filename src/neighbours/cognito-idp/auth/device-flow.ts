/** DEVICE_SRP_AUTH and DEVICE_PASSWORD_VERIFIER: a remembered device proves its secret. */
import { deviceGroupKey, needDevice } from '../device.ts';
import { invalidParameter, wrongPassword } from '../fault.ts';
import type { DeviceRow, SessionRow, UserRow } from '../rows.ts';
import { isGoodClientPart, provesKnowledge, serverPart } from '../srp.ts';
import type { TokenRoom } from '../tokens.ts';
import { type Answer, type Attempt, challenge, useSession } from './sign-in.ts';

export const askDevice = (
  room: TokenRoom,
  attempt: Attempt,
  user: UserRow,
  typedName: string,
  device: DeviceRow,
): Promise<Answer> =>
  challenge(
    room,
    attempt,
    { username: user.username, typedName, challenge: 'DEVICE_SRP_AUTH', state: { device: device.key } },
    { USERNAME: user.username, DEVICE_KEY: device.key },
  );

export async function beginDeviceSrp(
  room: TokenRoom,
  attempt: Attempt,
  session: SessionRow,
  user: UserRow,
  id: string | undefined,
): Promise<Answer> {
  const { scope, pool } = attempt.place;
  const A = attempt.parameters['SRP_A'];
  if (A === undefined) throw invalidParameter('Missing required parameter SRP_A');
  if (!isGoodClientPart(A)) throw invalidParameter('SRP_A is not a valid value.');
  const device = await needDevice(room.store, scope, pool, user, String(session.state['device']));
  await useSession(room, attempt.place, id);
  const part = serverPart(device.secret, room.random);
  const secretBlock = Buffer.from(room.random(512)).toString('base64');
  const { username, typedName } = session;
  return challenge(
    room,
    attempt,
    {
      username,
      typedName,
      challenge: 'DEVICE_PASSWORD_VERIFIER',
      state: { device: device.key, A, b: part.b, B: part.B, secretBlock },
    },
    {
      SALT: device.secret.salt,
      SRP_B: part.B,
      SECRET_BLOCK: secretBlock,
      DEVICE_KEY: device.key,
      USERNAME: username,
    },
  );
}

/** Throws NotAuthorizedException when the device does not know its secret. */
export async function checkDevice(
  room: TokenRoom,
  attempt: Attempt,
  session: SessionRow,
  user: UserRow,
  id: string | undefined,
): Promise<void> {
  const { scope, pool } = attempt.place;
  const { parameters } = attempt;
  const { device: key, A, b, B, secretBlock } = session.state as unknown as Kept; // written by beginDeviceSrp
  await useSession(room, attempt.place, id);
  const device = await needDevice(room.store, scope, pool, user, key);
  const proved =
    parameters['PASSWORD_CLAIM_SECRET_BLOCK'] === secretBlock &&
    provesKnowledge(device.secret, { b, B }, A, {
      poolId: deviceGroupKey(pool, key),
      username: key,
      secretBlock,
      timestamp: parameters['TIMESTAMP'] ?? '',
      signature: parameters['PASSWORD_CLAIM_SIGNATURE'] ?? '',
    });
  if (!proved) throw wrongPassword();
}

interface Kept {
  readonly device: string;
  readonly A: string;
  readonly b: string;
  readonly B: string;
  readonly secretBlock: string;
}
