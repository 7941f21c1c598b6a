import { readFileSync } from 'node:fs';

const page = readFileSync(new URL('./page.html', import.meta.url), 'utf8');

/** The chat's address is this page's with the chat's API in place of this one: on AWS and anywhere else. */
export async function handler({ headers, requestContext: { domainName, apiId } }) {
  const scheme = headers['x-forwarded-proto'] === 'https' ? 'wss' : 'ws';
  const host = domainName.replace(apiId, process.env.CHAT_API_ID);
  return {
    statusCode: 200,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: page.replace('{{chatUrl}}', `${scheme}://${host}/${process.env.CHAT_STAGE}`),
  };
}
