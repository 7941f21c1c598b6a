/** AWS::Logs::LogStream. */
import type { ResourceType } from '../../base/resource-type.ts';
import { unlessGone } from './resource-deletion.ts';

interface LogStreamProperties {
  readonly LogGroupName: string;
  readonly LogStreamName?: string;
}

export const logStreamResource: ResourceType<LogStreamProperties> = {
  type: 'AWS::Logs::LogStream',

  async create(request) {
    const { LogGroupName: logGroupName, LogStreamName = request.physicalName(512) } = request.properties;
    await request.call('logs', 'CreateLogStream', { logGroupName, logStreamName: LogStreamName });
    return { physicalId: LogStreamName };
  },

  async delete(request, current) {
    const names = { logGroupName: current.properties.LogGroupName, logStreamName: current.physicalId };
    await unlessGone(() => request.call('logs', 'DeleteLogStream', names));
  },
};
