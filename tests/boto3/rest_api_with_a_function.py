"""A REST API before a function: proxy integration, alias by stage variable, deployments, errors, binary bodies."""
import base64

from gatehouse import allow_gateway, call, client, function, invocations, refused, same

CODE = """
import base64, json
def handler(event, context):
    query = event.get('queryStringParameters') or {}
    if 'raise' in query: raise ValueError('on purpose')
    if 'wrong' in query: return 'not an answer'
    if 'image' in query:
        return {'statusCode': 200, 'headers': {'Content-Type': 'image/png'},
                'body': base64.b64encode(b'\\x89PNG\\x00').decode(), 'isBase64Encoded': True}
    return {'statusCode': 201, 'multiValueHeaders': {'Set-Cookie': ['a=1', 'b=2']}, 'headers': {'X-Version': context.function_version},
            'body': json.dumps({k: event[k] for k in
                ('resource', 'path', 'httpMethod', 'pathParameters', 'multiValueQueryStringParameters', 'stageVariables', 'body', 'isBase64Encoded')})}
"""

gateway, functions = client("apigateway"), client("lambda")
arn = function("shop", CODE)
functions.publish_version(FunctionName="shop")
functions.create_alias(FunctionName="shop", Name="live", FunctionVersion="1")

api = gateway.create_rest_api(name="shop", binaryMediaTypes=["image/png"], tags={"team": "web"})
api_id, root = api["id"], api["rootResourceId"]
proxy = gateway.create_resource(restApiId=api_id, parentId=root, pathPart="{proxy+}")["id"]
method = {"restApiId": api_id, "resourceId": proxy, "httpMethod": "ANY"}
gateway.put_method(authorizationType="NONE", **method)
uri = invocations(arn + ":${stageVariables.alias}")
gateway.put_integration(type="AWS_PROXY", integrationHttpMethod="POST", uri=uri, **method)
first = gateway.create_deployment(restApiId=api_id, stageName="prod", variables={"alias": "live"})["id"]

# Without a permission of the function's alias the gateway may not call it.
same((call(api_id, "/prod/x").status, call(api_id, "/prod/x").text), (500, '{"message":"Internal server error"}'))
allow_gateway("shop", api_id, Qualifier="live")

answer = call(api_id, "/prod/a%20b/c?q=1&q=2", "POST", body=b"hi", headers={"Content-Type": "text/plain"})
same(answer.status, 201)
same(answer.headers["x-version"], "1")
same(
    answer.json(),
    {
        "resource": "/{proxy+}",
        "path": "/a%20b/c",
        "httpMethod": "POST",
        "pathParameters": {"proxy": "a%20b/c"},
        "multiValueQueryStringParameters": {"q": ["1", "2"]},
        "stageVariables": {"alias": "live"},
        "body": "hi",
        "isBase64Encoded": False,
    },
)

# Binary bodies, both ways.
sent = call(api_id, "/prod/x", "PUT", body=b"\x89PNG", headers={"Content-Type": "image/png"}).json()
same((sent["body"], sent["isBase64Encoded"]), (base64.b64encode(b"\x89PNG").decode(), True))
same(call(api_id, "/prod/x?image=1", headers={"Accept": "image/png"}).body, b"\x89PNG\x00")

# AWS's error bodies and headers.
for path, status, kind, body in [
    ("/prod/x?raise=1", 502, "InternalServerErrorException", '{"message": "Internal server error"}'),
    ("/prod/x?wrong=1", 502, "InternalServerErrorException", '{"message": "Internal server error"}'),
    ("/prod", 403, "MissingAuthenticationTokenException", '{"message":"Missing Authentication Token"}'),
    ("/none/x", 403, "ForbiddenException", '{"message":"Forbidden"}'),
]:
    answer = call(api_id, path)
    same((path, answer.status, answer.headers["x-amzn-errortype"], answer.text), (path, status, kind, body))

# A change is seen when it is deployed; the stage goes back by a patch.
gateway.put_gateway_response(restApiId=api_id, responseType="MISSING_AUTHENTICATION_TOKEN", statusCode="404",
                             responseTemplates={"application/json": '{"none":"$context.path"}'})
same(call(api_id, "/prod").status, 403)
second = gateway.create_deployment(restApiId=api_id, stageName="prod")["id"]
same((call(api_id, "/prod").status, call(api_id, "/prod").text), (404, '{"none":"/prod"}'))
gateway.update_stage(restApiId=api_id, stageName="prod", patchOperations=[
    {"op": "replace", "path": "/deploymentId", "value": first},
    {"op": "replace", "path": "/variables/alias", "value": "gone"},
])
same(call(api_id, "/prod").status, 403)
same(call(api_id, "/prod/x").status, 500)
refused("BadRequestException", gateway.delete_deployment, "Active stages pointing to this deployment must be moved or deleted",
        restApiId=api_id, deploymentId=first)
gateway.delete_deployment(restApiId=api_id, deploymentId=second)

gateway.delete_rest_api(restApiId=api_id)
refused("NotFoundException", gateway.get_rest_api, "Invalid API identifier specified %s:%s" % ("123456789012", api_id), restApiId=api_id)
same(call(api_id, "/prod/x").status, 403)
