/** MOCK: the request template says which status the backend would have had. */
import type { RestMethod } from '../kinds/rest-method.ts';
import type { BackendRequest } from '../mapping/request-transform.ts';
import type { Checked, Reply } from '../plan.ts';
import { configurationError } from '../refusal.ts';
import { compileCustom, type BackendAnswer } from './custom.ts';

const EMPTY = new Uint8Array(0);

export const compileMock = (method: RestMethod): ((call: Checked) => Reply | Promise<Reply>) =>
  compileCustom(method, compileMockBackend(), false);

/** Answers at once: nothing to await. */
export function compileMockBackend(): (
  call: Checked,
  request: Pick<BackendRequest, 'body'>,
) => BackendAnswer {
  const answers = new Map<number, BackendAnswer>();
  const answerOf = (status: number): BackendAnswer => {
    const known = answers.get(status);
    if (known !== undefined) return known;
    const made = { status, headers: [], body: EMPTY, selection: String(status) };
    answers.set(status, made);
    return made;
  };
  return (_call, { body }) =>
    answerOf(statusOf(typeof body === 'string' ? body : Buffer.from(body).toString('utf8')));
}

/** AWS reads `{statusCode: 200}` as it reads `{"statusCode": 200}`. */
const STATUS = /^\s*\{(?:[^{}]|\{[^{}]*\})*?["']?statusCode["']?\s*:\s*(\d{3})\s*[,}]/;

function statusOf(body: string): number {
  const status = STATUS.exec(body)?.[1];
  if (status === undefined)
    throw configurationError(
      'Unable to parse statusCode. It should be an integer that is defined in the request template.',
    );
  return Number(status);
}
