/** Stacks for tests: made, changed and removed, waiting for the end; a failure tells every reason. */
import {
  type CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';

export interface Stacks {
  /** The outputs. Throws with the reasons of the resources that failed. */
  create(name: string, template: object, parameters?: Readonly<Record<string, string>>): Promise<Outputs>;
  update(name: string, template: object, parameters?: Readonly<Record<string, string>>): Promise<Outputs>;
  delete(name: string): Promise<void>;
}

type Outputs = Readonly<Record<string, string>>;

const CAPABILITIES = ['CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'] as const;

export function createStacks(client: CloudFormationClient): Stacks {
  const end = async (StackName: string): Promise<Outputs> => {
    for (;;) {
      const { Stacks: found } = await client.send(new DescribeStacksCommand({ StackName }));
      const stack = found?.[0];
      const status = stack?.StackStatus ?? '';
      if (status.endsWith('IN_PROGRESS')) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        continue;
      }
      if (/ROLLBACK|FAILED/.test(status)) throw new Error(`${status}: ${await reasons(client, StackName)}`);
      return Object.fromEntries(
        (stack?.Outputs ?? []).map((output) => [output.OutputKey ?? '', output.OutputValue ?? '']),
      );
    }
  };
  const inputOf = (
    StackName: string,
    template: object,
    parameters: Readonly<Record<string, string>> = {},
  ) => ({
    StackName,
    TemplateBody: JSON.stringify(template),
    Capabilities: [...CAPABILITIES],
    Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
      ParameterKey,
      ParameterValue,
    })),
  });
  return {
    async create(name, template, parameters) {
      await client.send(new CreateStackCommand(inputOf(name, template, parameters)));
      return end(name);
    },
    async update(name, template, parameters) {
      await client.send(new UpdateStackCommand(inputOf(name, template, parameters)));
      return end(name);
    },
    async delete(name) {
      const { Stacks: found } = await client.send(new DescribeStacksCommand({ StackName: name }));
      await client.send(new DeleteStackCommand({ StackName: name }));
      await end(found?.[0]?.StackId ?? name);
    },
  };
}

async function reasons(client: CloudFormationClient, StackName: string): Promise<string> {
  const { StackEvents = [] } = await client.send(new DescribeStackEventsCommand({ StackName }));
  return StackEvents.filter(({ ResourceStatus }) => ResourceStatus?.endsWith('FAILED'))
    .map((event) => `${event.LogicalResourceId}: ${event.ResourceStatusReason}`)
    .join('; ');
}
