/** Outputs and exports: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html */
import type { ResourceState } from '../base/resource-type.ts';
import type { StackOutput } from '../base/stack-engine.ts';
import { evaluate } from './intrinsics.ts';
import { invalid } from './invalid.ts';
import { type Plan, withResources } from './plan.ts';
import type { Run } from './run.ts';
import { isObject, type Json } from './template.ts';

export function settleOutputs(
  plan: Plan,
  resource: (id: string) => ResourceState | undefined,
): StackOutput[] {
  const environment = withResources(plan.environment, resource);
  return Object.entries(plan.outputs).map(([key, output]) => {
    const value = evaluate(output.Value, environment);
    const name = output.Export === undefined ? undefined : evaluate(output.Export.Name, environment);
    return {
      key,
      value: outputText(key, value),
      ...(typeof output.Description === 'string' && { description: output.Description }),
      ...(name !== undefined && { exportName: outputText(key, name) }),
    };
  });
}

function outputText(key: string, value: Json): string {
  if (Array.isArray(value) || isObject(value) || value === null)
    throw invalid(
      `Template format error: The Value field of every Outputs member must evaluate to a String. (output ${key})`,
    );
  return String(value);
}

/** One name, one export, in an account and region; and none goes or changes while a stack reads it. */
export async function checkExports(run: Run, outputs: readonly StackOutput[]): Promise<void> {
  const { stack, journal } = run.operation;
  const exports = await journal.exports();
  for (const { exportName } of outputs) {
    const other = exports.find(({ name, stackId }) => name === exportName && stackId !== stack.stackId);
    if (other)
      throw invalid(
        `Export with name ${exportName} is already exported by stack ${stackNameOf(other.stackId)}.`,
      );
  }
  for (const own of exports.filter(
    ({ stackId, importedBy }) => stackId === stack.stackId && importedBy.length > 0,
  )) {
    const now = outputs.find(({ exportName }) => exportName === own.name);
    const users = own.importedBy.join(', ');
    if (now === undefined) throw invalid(`Export ${own.name} cannot be deleted as it is in use by ${users}`);
    if (now.value !== own.value)
      throw invalid(`Cannot update export ${own.name} as it is in use by ${users}`);
  }
}

/** `arn:aws:cloudformation:us-east-1:123456789012:stack/orders/...` -> `orders`. */
const stackNameOf = (stackId: string): string => stackId.split('/')[1] ?? stackId;
