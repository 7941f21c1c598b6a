/** One POST to a subscriber. https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html */
import { limits } from '../../base/limits.ts';
import { ClientError } from './client-error.ts';

export interface Post {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly contentType?: string;
}

/** Throws when it is not taken: ClientError when trying again would not help. */
export async function post(endpoint: string, { headers, body, contentType }: Post): Promise<void> {
  const url = new URL(endpoint);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const answer = await fetch(url, {
    method: 'POST',
    redirect: 'manual',
    body,
    headers: {
      'Content-Type': contentType ?? 'text/plain; charset=UTF-8',
      'User-Agent': 'Amazon Simple Notification Service Agent',
      ...(username === '' ? {} : { Authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }),
      ...headers,
    },
    signal: AbortSignal.timeout(limits.snsHttpMs),
  });
  await answer.body?.cancel();
  if (answer.ok) return;
  const reason = `the endpoint answered ${answer.status}`;
  if (answer.status >= 300 && answer.status < 500 && answer.status !== 429) throw new ClientError(reason);
  throw new Error(reason);
}
