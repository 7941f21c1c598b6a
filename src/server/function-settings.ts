/** How functions run, where the defaults are not wanted: variables of the server's environment. */
import type { RetiredRuntimes } from '../aws/lambda/runtime.ts';
import type { FunctionRunnerPorts } from '../functions/runner.ts';

export interface FunctionSettings {
  readonly isolation: NonNullable<FunctionRunnerPorts['isolation']>;
  readonly processor: NonNullable<FunctionRunnerPorts['processor']>;
  readonly retiredRuntimes: RetiredRuntimes;
  readonly wheelsFolder: string | undefined;
}

/** Throws an Error that names the variable and what it may be. */
export function readFunctionSettings(env: Readonly<Record<string, string | undefined>>): FunctionSettings {
  const user = env['GATEHOUSE_FUNCTION_USER'];
  if (user !== undefined && !/^\d+(:\d+)?$/.test(user))
    throw new Error(`GATEHOUSE_FUNCTION_USER=${user} is neither uid nor uid:gid`);
  return {
    isolation: {
      mode: oneOf(env, 'GATEHOUSE_FUNCTION_ISOLATION', ['auto', 'strict', 'off'] as const),
      ...(user !== undefined && { user }),
    },
    processor: oneOf(env, 'GATEHOUSE_FUNCTION_CPU', ['share', 'free'] as const),
    wheelsFolder: env['GATEHOUSE_WHEELS'] || undefined,
    retiredRuntimes: oneOf(env, 'GATEHOUSE_RETIRED_RUNTIMES', ['retired', 'allow', 'refuse'] as const),
  };
}

/** The first is the default. */
function oneOf<Choice extends string>(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  const given = env[name];
  if (given === undefined || given === '') return choices[0];
  const found = choices.find((choice) => choice === given);
  if (found === undefined) throw new Error(`${name}=${given} is none of ${choices.join(', ')}`);
  return found;
}
