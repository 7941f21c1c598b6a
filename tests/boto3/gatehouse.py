"""What the checks share: clients of the server under test, zipped code, plain HTTP requests, expectations."""
import http.client
import io
import json
import os
import time
import zipfile
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

URL = os.environ["GATEHOUSE_URL"]
ACCOUNT = "123456789012"
REGION = "us-east-1"
SETTINGS = {
    "endpoint_url": URL,
    "region_name": REGION,
    "aws_access_key_id": "test",
    "aws_secret_access_key": "test",
    "config": Config(retries={"max_attempts": 1, "mode": "standard"}),
}


def client(service):
    return boto3.client(service, **SETTINGS)


def zipped(**files):
    """`zipped(index_py='...')` is a zip with index.py."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("_", ".", 1), text)
    return buffer.getvalue()


def role(name):
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    return client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]


def function(name, code, **more):
    """A Python function that answers as soon as this returns; its ARN."""
    functions = client("lambda")
    settings = {"Runtime": "python3.12", "Handler": "index.handler", "Role": role(name + "-role"), **more}
    made = functions.create_function(FunctionName=name, Code={"ZipFile": zipped(index_py=code)}, **settings)
    functions.get_waiter("function_active_v2").wait(FunctionName=name)
    return made["FunctionArn"]


def allow_gateway(function_name, api_id, **more):
    client("lambda").add_permission(
        FunctionName=function_name,
        StatementId="gateway",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api_id}/*",
        **more,
    )


def invocations(arn):
    return f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations"


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        self.text = body.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.text)


def call(api_id, path, method="GET", body=None, headers=None):
    """A request to an API by its host name, with nothing added but what is given."""
    where = urlsplit(URL)
    connection = http.client.HTTPConnection(where.hostname, where.port, timeout=20)
    host = {"Host": f"{api_id}.execute-api.localhost:{where.port}"}
    connection.request(method, path, body=body, headers={**host, **(headers or {})})
    answer = connection.getresponse()
    found = Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    connection.close()
    return found


def same(found, expected):
    assert found == expected, f"found    {found!r}\nexpected {expected!r}"


def refused(code, operation, message=None, **parameters):
    try:
        operation(**parameters)
    except ClientError as error:
        same(error.response["Error"]["Code"], code)
        if message is not None:
            same(error.response["Error"]["Message"], message)
        return error.response
    raise AssertionError(f"expected {code}")


def until(condition, seconds=10):
    """The condition's first value that is not empty."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s")
