/**
 * Code written in a template: `Code.ZipFile` becomes a package with one file named `index`, and the module by which
 * custom resources answer CloudFormation when the code asks for it.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html
 */
import { invalidParameter } from './fault.ts';

const MAX_CHARACTERS = 4_194_304;
/** One time for all, so that the same text is the same package. */
const WRITTEN = '1980-01-02T00:00:00';

/** The zip archive of a template's inline code. */
export async function packInlineCode(source: string, runtime: string): Promise<Uint8Array> {
  if (source.length > MAX_CHARACTERS)
    throw invalidParameter(`ZipFile must have length less than or equal to ${MAX_CHARACTERS}`);
  const python = runtime.startsWith('python');
  if (!python && !runtime.startsWith('nodejs'))
    throw invalidParameter(`ZipFile can only be used with Node.js and Python runtimes, not with ${runtime}.`);
  const { zipSync } = await import('fflate');
  const encoder = new TextEncoder();
  const files: Record<string, Uint8Array> = { [python ? 'index.py' : 'index.js']: encoder.encode(source) };
  if (python && source.includes('cfnresponse')) files['cfnresponse.py'] = encoder.encode(PYTHON_RESPONSE);
  if (!python && source.includes('cfn-response')) files['cfn-response.js'] = encoder.encode(NODE_RESPONSE);
  return zipSync(files, { mtime: WRITTEN });
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-lambda-function-code-cfnresponsemodule.html: its interface. */
const NODE_RESPONSE = `exports.SUCCESS = 'SUCCESS';
exports.FAILED = 'FAILED';
exports.send = (event, context, responseStatus, responseData, physicalResourceId, noEcho) =>
  new Promise((resolve, reject) => {
    const body = JSON.stringify({
      Status: responseStatus,
      Reason: 'See the details in CloudWatch Log Stream: ' + context.logStreamName,
      PhysicalResourceId: physicalResourceId || context.logStreamName,
      StackId: event.StackId,
      RequestId: event.RequestId,
      LogicalResourceId: event.LogicalResourceId,
      NoEcho: noEcho || false,
      Data: responseData,
    });
    const url = new URL(event.ResponseURL);
    const client = require(url.protocol === 'http:' ? 'http' : 'https');
    const headers = { 'content-type': '', 'content-length': Buffer.byteLength(body) };
    const request = client.request(url, { method: 'PUT', headers }, (response) => {
      response.resume();
      response.on('end', () => {
        context.done && context.done();
        resolve();
      });
    });
    request.on('error', (error) => {
      console.log('send(..) failed: ' + error);
      context.done && context.done();
      reject(error);
    });
    request.end(body);
  });
`;

const PYTHON_RESPONSE = `import json
import urllib.request

SUCCESS = "SUCCESS"
FAILED = "FAILED"


def send(event, context, responseStatus, responseData, physicalResourceId=None, noEcho=False, reason=None):
    body = json.dumps({
        "Status": responseStatus,
        "Reason": reason or "See the details in CloudWatch Log Stream: " + context.log_stream_name,
        "PhysicalResourceId": physicalResourceId or context.log_stream_name,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "NoEcho": noEcho,
        "Data": responseData,
    }).encode("utf-8")
    request = urllib.request.Request(event["ResponseURL"], data=body, method="PUT", headers={"content-type": ""})
    try:
        with urllib.request.urlopen(request) as response:
            print("Status code:", response.status)
    except Exception as error:
        print("send(..) failed executing http.request(..):", error)
`;
