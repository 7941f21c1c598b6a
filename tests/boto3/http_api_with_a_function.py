"""An HTTP API before functions: routes, both versions of events, CORS, stages that deploy by themselves, tags, deletion."""
import json

from gatehouse import ACCOUNT, REGION, allow_gateway, call, client, function, refused, same

ECHO = """
import json
def handler(event, context):
    query = event.get('queryStringParameters') or {}
    if 'raise' in query: raise ValueError('on purpose')
    if 'short' in query: return {'short': 'answer'}
    return {'statusCode': 202, 'cookies': ['a=1', 'b=2'], 'headers': {'X-From': 'function'}, 'body': json.dumps(event)}
"""

gateway = client("apigatewayv2")
arn = function("front", ECHO)
api = gateway.create_api(
    Name="front",
    ProtocolType="HTTP",
    Tags={"team": "web"},
    CorsConfiguration={"AllowOrigins": ["https://shop.example"], "AllowMethods": ["GET"], "MaxAge": 300},
)
api_id = api["ApiId"]
same(api["ApiEndpoint"].startswith(f"https://{api_id}.execute-api.{REGION}"), True)
allow_gateway("front", api_id)


def integration(version):
    return gateway.create_integration(
        ApiId=api_id, IntegrationType="AWS_PROXY", IntegrationUri=arn, PayloadFormatVersion=version
    )["IntegrationId"]


newer, older = integration("2.0"), integration("1.0")
routes = {
    key: gateway.create_route(ApiId=api_id, RouteKey=key, Target="integrations/" + target)["RouteId"]
    for key, target in [
        ("GET /orders/{id}", newer),
        ("POST /orders", older),
        ("ANY /files/{path+}", newer),
    ]
}
gateway.create_stage(ApiId=api_id, StageName="$default", AutoDeploy=True, StageVariables={"colour": "green"})

answer = call(api_id, "/orders/7?tag=a&tag=b", headers={"Cookie": "c=1; d=2", "X-Many": "one"})
same((answer.status, answer.headers["x-from"]), (202, "function"))
event = answer.json()
same(
    {name: event[name] for name in ("version", "routeKey", "rawPath", "rawQueryString", "cookies", "isBase64Encoded")},
    {
        "version": "2.0",
        "routeKey": "GET /orders/{id}",
        "rawPath": "/orders/7",
        "rawQueryString": "tag=a&tag=b",
        "cookies": ["c=1", "d=2"],
        "isBase64Encoded": False,
    },
)
same((event["queryStringParameters"], event["pathParameters"]), ({"tag": "a,b"}, {"id": "7"}))
same((event["stageVariables"], event["headers"]["x-many"]), ({"colour": "green"}, "one"))
same(
    {name: event["requestContext"][name] for name in ("accountId", "apiId", "stage", "routeKey")},
    {"accountId": ACCOUNT, "apiId": api_id, "stage": "$default", "routeKey": "GET /orders/{id}"},
)

old = call(api_id, "/orders", "POST", b"hi", {"Content-Type": "text/plain"}).json()
same((old["version"], old["resource"], old["httpMethod"], old["body"]), ("1.0", "/orders", "POST", "hi"))
same(call(api_id, "/files/a/b/c.txt", "PATCH").json()["pathParameters"], {"path": "a/b/c.txt"})

# An answer without a status is the body, with 200; what is raised is 500; what has no route is 404.
same((call(api_id, "/orders/7?short=1").status, call(api_id, "/orders/7?short=1").json()), (200, {"short": "answer"}))
for path, status, text in [
    ("/orders/7?raise=1", 500, '{"message":"Internal Server Error"}'),
    ("/nowhere", 404, '{"message":"Not Found"}'),
]:
    answer = call(api_id, path)
    same((path, answer.status, answer.text), (path, status, text))

preflight = call(
    api_id, "/orders", "OPTIONS",
    headers={"Origin": "https://shop.example", "Access-Control-Request-Method": "GET"},
)
same(
    (preflight.status, preflight.headers["access-control-allow-origin"], preflight.headers["access-control-max-age"]),
    (204, "https://shop.example", "300"),
)

# A change is served without a deployment of one's own.
gateway.update_route(ApiId=api_id, RouteId=routes["POST /orders"], RouteKey="PUT /orders")
same((call(api_id, "/orders", "PUT").status, call(api_id, "/orders", "POST").status), (202, 404))
gateway.create_route(ApiId=api_id, RouteKey="$default", Target="integrations/" + newer)
same(call(api_id, "/nowhere").json()["routeKey"], "$default")

# A stage that does not deploy by itself serves what it was given.
fixed = gateway.create_deployment(ApiId=api_id)["DeploymentId"]
gateway.create_stage(ApiId=api_id, StageName="fixed", DeploymentId=fixed)
gateway.delete_route(ApiId=api_id, RouteId=routes["GET /orders/{id}"])
same(call(api_id, "/fixed/orders/7").json()["routeKey"], "GET /orders/{id}")
same(call(api_id, "/orders/7").json()["routeKey"], "$default")

api_arn = f"arn:aws:apigateway:{REGION}::/apis/{api_id}"
gateway.tag_resource(ResourceArn=api_arn, Tags={"stage": "test"})
gateway.untag_resource(ResourceArn=api_arn, TagKeys=["team"])
same(gateway.get_tags(ResourceArn=api_arn)["Tags"], {"stage": "test"})
same(gateway.update_api(ApiId=api_id, Description="in front")["Description"], "in front")
keys = sorted(route["RouteKey"] for route in gateway.get_routes(ApiId=api_id)["Items"])
same(keys, ["$default", "ANY /files/{path+}", "PUT /orders"])

refused("NotFoundException", gateway.get_route, ApiId=api_id, RouteId="nowhere")
refused("BadRequestException", gateway.create_route, ApiId=api_id, RouteKey="orders")
refused("ConflictException", gateway.create_route, ApiId=api_id, RouteKey="PUT /orders")
refused("ConflictException", gateway.delete_integration, ApiId=api_id, IntegrationId=older)

gateway.delete_api(ApiId=api_id)
refused("NotFoundException", gateway.get_api, ApiId=api_id)
same(call(api_id, "/orders/7").status in (403, 404), True)

# A quick start: one call makes route, integration, stage.
quick = gateway.create_api(Name="quick", ProtocolType="HTTP", Target=arn)["ApiId"]
client("lambda").remove_permission(FunctionName="front", StatementId="gateway")
allow_gateway("front", quick)
same(json.loads(call(quick, "/any/where").text)["rawPath"], "/any/where")
gateway.delete_api(ApiId=quick)
