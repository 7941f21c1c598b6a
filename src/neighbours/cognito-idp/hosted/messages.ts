/** `/_gatehouse/cognito/messages?userPoolId=...&username=...`: what pools sent, the latest last. For open mode only. */
import type { TokenRoom } from '../tokens.ts';
import { messages } from '../rows.ts';

export async function sentMessages(room: TokenRoom, query: URLSearchParams): Promise<object> {
  const [poolId, username] = [query.get('userPoolId'), query.get('username')];
  const all = await room.store.listAll(messages);
  const wanted = all
    .map(({ row }) => row)
    .filter((row) => poolId === null || row.poolId === poolId)
    .filter((row) => username === null || row.username === username || row.destination === username)
    .sort((one, other) => one.sentMs - other.sentMs);
  return {
    messages: wanted.map(({ poolId: userPoolId, sentMs, ...row }) => ({
      userPoolId,
      ...row,
      sentAt: new Date(sentMs).toISOString(),
    })),
  };
}
