import { readFileSync } from 'node:fs';
import type { InvocationResponse } from '@aws-sdk/client-lambda';
import { CliFailure } from './failure.ts';
import { printJson } from './print.ts';
import { createRemote, type RemoteOptions } from './remote.ts';

interface InvokeOptions extends RemoteOptions {
  readonly payload: string;
  readonly qualifier?: string;
  readonly json?: boolean;
}

/** `gatehouse invoke <function>`: the answer on stdout, the log's tail on stderr; exit 1 when the function failed. */
export async function invoke(name: string, options: InvokeOptions): Promise<void> {
  const payload = options.payload.startsWith('@') ? readPayload(options.payload.slice(1)) : options.payload;
  const answer = await createRemote(options).call<InvocationResponse>('lambda', 'Invoke', {
    FunctionName: name,
    Payload: new TextEncoder().encode(payload),
    LogType: 'Tail',
    ...(options.qualifier ? { Qualifier: options.qualifier } : {}),
  });
  const text = new TextDecoder().decode(answer.Payload);
  const log = Buffer.from(answer.LogResult ?? '', 'base64').toString();
  if (options.json) {
    printJson({
      statusCode: answer.StatusCode,
      functionError: answer.FunctionError,
      payload: parsed(text),
      log,
    });
  } else {
    process.stderr.write(log);
    process.stdout.write(`${text}\n`);
  }
  if (answer.FunctionError) process.exitCode = 1;
}

function readPayload(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new CliFailure(`cannot read the payload from ${file}`, 2);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
