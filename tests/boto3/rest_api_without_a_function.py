"""A REST API of mocks: mapping templates, CORS, models and validators, keys and usage plans, import and export."""
import json

from gatehouse import ACCOUNT, call, client, refused, same, until

gateway = client("apigateway")
api = gateway.create_rest_api(name="mocks")
api_id, root = api["id"], api["rootResourceId"]


def mock(path_part, verb, request='{"statusCode":200}', responses=(("200", None, '{"ok":true}', {}),), **method):
    found = [item for item in gateway.get_resources(restApiId=api_id)["items"] if item.get("pathPart") == path_part]
    resource = found[0] if found else gateway.create_resource(restApiId=api_id, parentId=root, pathPart=path_part)
    which = {"restApiId": api_id, "resourceId": resource["id"], "httpMethod": verb}
    gateway.put_method(**{"authorizationType": "NONE", **which, **method})
    gateway.put_integration(type="MOCK", requestTemplates={"application/json": request}, **which)
    for status, pattern, template, headers in responses:
        names = {"method.response.header." + name: value for name, value in headers.items()}
        gateway.put_method_response(statusCode=status, responseParameters={name: False for name in names}, **which)
        given = {"selectionPattern": pattern} if pattern else {}
        gateway.put_integration_response(
            statusCode=status, responseParameters=names, responseTemplates={"application/json": template}, **given, **which
        )
    return resource["id"]


gateway.create_model(restApiId=api_id, name="Order", contentType="application/json", schema=json.dumps({
    "$schema": "http://json-schema.org/draft-04/schema#", "type": "object", "required": ["sku"],
    "properties": {"sku": {"type": "string"}, "quantity": {"type": "integer", "minimum": 1}}}))
validator = gateway.create_request_validator(
    restApiId=api_id, name="both", validateRequestBody=True, validateRequestParameters=True)["id"]

mock("greet", "GET", '{"statusCode": #if($input.params("fail") == "yes") 400 #else 200 #end}', [
    ("200", None, '{"hello":"$input.params(\'name\')","stage":"$context.stage","colour":"$stageVariables.colour"}', {}),
    ("400", "4\\d{2}", '{"failed":true}', {}),
])
mock("orders", "OPTIONS", responses=[("200", None, "", {
    "Access-Control-Allow-Origin": "'*'", "Access-Control-Allow-Methods": "'GET,POST,OPTIONS'",
    "Access-Control-Allow-Headers": "'Content-Type,X-Api-Key'"})])
mock("orders", "POST", requestValidatorId=validator, requestModels={"application/json": "Order"},
     requestParameters={"method.request.querystring.shop": True})
mock("metered", "GET", apiKeyRequired=True)
mock("signed", "GET", authorizationType="AWS_IAM")
deployment = gateway.create_deployment(restApiId=api_id, stageName="v1", variables={"colour": "green"})["id"]
gateway.create_stage(restApiId=api_id, stageName="v2", deploymentId=deployment, variables={"colour": "blue"})

body = {"headers": {"Content-Type": "application/json"}, "method": "POST"}
for path, more, status, text in [
    ("/v1/greet?name=Jo", {}, 200, '{"hello":"Jo","stage":"v1","colour":"green"}'),
    ("/v2/greet?name=Jo", {}, 200, '{"hello":"Jo","stage":"v2","colour":"blue"}'),
    ("/v1/greet?fail=yes", {}, 400, '{"failed":true}'),
    ("/v1/orders?shop=1", {**body, "body": '{"sku":"a","quantity":2}'}, 200, '{"ok":true}'),
    ("/v1/orders?shop=1", {**body, "body": '{"sku":"a","quantity":0}'}, 400, '{"message":"Invalid request body"}'),
    ("/v1/orders?shop=1", {**body, "body": "{"}, 400, '{"message":"Invalid request body"}'),
    ("/v1/orders", {**body, "body": '{"sku":"a"}'}, 400, '{"message":"Missing required request parameters: [shop]"}'),
    ("/v1/metered", {}, 403, '{"message":"Forbidden"}'),
    ("/v1/signed", {}, 403, '{"message":"Missing Authentication Token"}'),
    ("/v1/orders", {}, 403, '{"message":"Missing Authentication Token"}'),
]:
    answer = call(api_id, path, **more)
    same((path, answer.status, answer.text), (path, status, text))

preflight = call(api_id, "/v1/orders", "OPTIONS", headers={"Origin": "https://shop.example"})
same((preflight.status, preflight.headers["access-control-allow-methods"]), (200, "GET,POST,OPTIONS"))

# A key of a usage plan opens the method.
key = gateway.create_api_key(name="customer", enabled=True)
plan = gateway.create_usage_plan(name="basic", apiStages=[{"apiId": api_id, "stage": "v1"}],
                                 quota={"limit": 20, "period": "DAY"}, throttle={"rateLimit": 100.0, "burstLimit": 50})["id"]
with_key = {"headers": {"x-api-key": key["value"]}}
same(call(api_id, "/v1/metered", **with_key).status, 403)
gateway.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY")
same(call(api_id, "/v1/metered", **with_key).status, 200)
usage = gateway.get_usage(usagePlanId=plan, startDate="2020-01-01", endDate="2020-01-02")
same(usage["usagePlanId"], plan)
refused("ConflictException", gateway.create_usage_plan_key, usagePlanId=plan, keyId=key["id"], keyType="API_KEY")

# Throttling of one method of a stage.
gateway.update_stage(restApiId=api_id, stageName="v2", patchOperations=[
    {"op": "replace", "path": "/~1greet/GET/throttling/rateLimit", "value": "1"},
    {"op": "replace", "path": "/~1greet/GET/throttling/burstLimit", "value": "1"}])
until(lambda: call(api_id, "/v2/greet").status == 429)
same(call(api_id, "/v1/greet").status, 200)

# What is exported can be imported, and answers the same.
exported = gateway.get_export(restApiId=api_id, stageName="v1", exportType="oas30",
                              parameters={"extensions": "apigateway"})["body"].read()
same(sorted(json.loads(exported)["paths"]), ["/greet", "/metered", "/orders", "/signed"])
twin = gateway.import_rest_api(body=exported)["id"]
gateway.create_deployment(restApiId=twin, stageName="v1")
same(call(twin, "/v1/greet?name=Jo").json()["hello"], "Jo")
same(call(twin, "/v1/orders?shop=1", "POST", b"{}", {"Content-Type": "application/json"}).text,
     '{"message":"Invalid request body"}')

# Refusals.
which = {"restApiId": api_id, "resourceId": root}
for code, operation, message, parameters in [
    ("BadRequestException", gateway.create_resource, None, {"restApiId": api_id, "parentId": root, "pathPart": "a b"}),
    ("ConflictException", gateway.create_resource, "Another resource with the same parent already has this name: greet",
     {"restApiId": api_id, "parentId": root, "pathPart": "greet"}),
    ("NotFoundException", gateway.get_method, "Invalid Method identifier specified", {**which, "httpMethod": "GET"}),
    ("NotFoundException", gateway.get_stage, "Invalid stage identifier specified", {"restApiId": api_id, "stageName": "x"}),
    ("BadRequestException", gateway.create_deployment, None, {"restApiId": gateway.create_rest_api(name="empty")["id"]}),
    ("NotFoundException", gateway.get_rest_api, f"Invalid API identifier specified {ACCOUNT}:none", {"restApiId": "none"}),
]:
    refused(code, operation, message, **parameters)
names = [item["name"] for page in gateway.get_paginator("get_rest_apis").paginate(PaginationConfig={"PageSize": 1})
         for item in page["items"]]
same({"mocks", "empty"} <= set(names), True)
